"""The core of Praxispost. It knows neither Flask requests nor RQ; the web and the jobs call it, never the other way round."""
