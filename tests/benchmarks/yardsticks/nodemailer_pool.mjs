// Yardstick: nodemailer's pool of five connections sends COUNT personalised multipart mails. Prints the seconds it took.
import nodemailer from "nodemailer";

const [port, count] = process.argv.slice(2).map(Number);
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, pool: true, maxConnections: 5, maxMessages: Infinity,
});
const text = (n) => `Guten Tag Person ${n},\n\n` + "wir möchten Sie an Ihren Termin erinnern.\n".repeat(12);
const html = (n) => `<div>Guten Tag Person ${n},<br><br>` + "wir möchten Sie an Ihren Termin erinnern.<br>".repeat(12) + "</div>";

const start = process.hrtime.bigint();
await Promise.all(Array.from({ length: count }, (_, n) => transport.sendMail({
  from: "Praxis Müßig <praxis@example.org>", to: `Person ${n} <person${n}@example.org>`,
  subject: `Ihr Termin, Person ${n}`, text: text(n), html: html(n),
})));
console.log(Number(process.hrtime.bigint() - start) / 1e9);
transport.close();
