// Package notify turns events into mails and decides who may receive what
// (secret partagé, CSP L1110-4). Events become messages in the outbox, and a
// sender takes them from there to a transport: a mail server or a Maildir.
//
// What always holds:
//
//   - no patient data in any subject, body, calendar object or file name; only
//     the PDF attached for a secure address holds some, and only of patients
//     that the recipient may see;
//   - an event gives its messages once, in the transaction that marks it
//     treated, and a message keeps its Message-ID for ever;
//   - of two messages of one thread (one meeting, one address) the later never
//     overtakes the earlier, and their dates strictly increase;
//   - a message is sent under a lease and finished with a fence, so a sender
//     killed at any point loses nothing. A second copy can only leave when the
//     sender died between the server's 250 and our commit; its Message-ID, UID
//     and SEQUENCE are the same, so that clients drop or merge it.
//
// The calendar objects come from meetings, the PDF from minutes; running the
// loops is left to internal/jobs.
package notify
