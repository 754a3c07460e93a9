"""The demo practice: invented people, appointments and accounts. Only numbers reserved for fiction and example domains;

random with a fixed start.
"""
