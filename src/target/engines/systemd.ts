import type { StateFiles } from './state-files.ts';

/** A property of a unit, as org.freedesktop.systemd1(5) has them. */
export interface Property {
  unit: string;
  /** what follows `org.freedesktop.systemd1.` */
  of: 'Unit' | 'Service';
  name: string;
}

/** Who manages units: that of the system, or of a user. */
export interface Manager {
  socket: string;
  uid: number;
}

/** Answers to this many fit into the queue of a socket, so that nobody waits for anybody. */
const AT_ONCE = 100;
/** Systemd reads 256 bytes for the authentication, and looks at the messages among them when there is more to be read. */
const LEAST = 512;
const ROOM_OF_A_WORD = 4;

/**
 * Asks systemd, which keeps this in no file. It is the D-Bus protocol, spoken to the manager itself, as systemctl(1) does it as root.
 *
 * @returns in the order of what was asked; undefined for what there is no answer to
 */
export function propertiesOf(
  files: StateFiles,
  { socket, uid }: Manager,
  asked: readonly Property[],
): (string | number | undefined)[] {
  const answers: (string | number | undefined)[] = [];
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const some = asked.slice(from, from + AT_ONCE);
    const calls = some.map((property, index) => callFor(property, index + 1)).join('');
    const enough = calls.repeat(Math.ceil(LEAST / calls.length));
    const answer = files.ask(socket, authentication(uid) + enough + END, 'unnoted') ?? '';
    const values = valuesIn(answer);
    answers.push(...some.map((_, index) => values.get(index + 1)));
  }
  return answers;
}

/** What is no message ends the connection, and that ends the answer. */
const END = '\0'.repeat(16);

function authentication(uid: number): string {
  const hex = [...String(uid)].map((digit) => digit.charCodeAt(0).toString(16)).join('');
  return `\0AUTH EXTERNAL ${hex}\r\nBEGIN\r\n`;
}

/** The kinds of fields in the header of a message. */
const FIELD = { path: 1, interface: 2, member: 3, answerTo: 5, signature: 8 };
const [CALL, RETURN] = [1, 2];
const VERSION = 1;
/** Of a header the part before its fields, their length included. */
const FIXED = 16;

function callFor({ unit, of, name }: Property, serial: number): string {
  const body = inRoom(text(`org.freedesktop.systemd1.${of}`)) + text(name);
  const fields = [
    field(FIELD.path, 'o', text(`/org/freedesktop/systemd1/unit/${labelOf(unit)}`)),
    field(FIELD.interface, 's', text('org.freedesktop.DBus.Properties')),
    field(FIELD.member, 's', text('Get')),
    field(FIELD.signature, 'g', '\x02ss\0'),
  ];
  // Each begins at a multiple of eight, and so do what is before them and what is behind.
  const all = fields.reduce((before, each) => inRoom(before, 8) + each);
  const begin = `l${String.fromCharCode(CALL, 0, VERSION)}${word(body.length)}${word(serial)}${word(all.length)}`;
  return inRoom(begin + all, 8) + body;
}

/** A part of an object's path: what is neither letter nor digit is written as `_2d`, and a digit at its beginning, too. */
function labelOf(unit: string): string {
  return unit.replace(/^\d|[^A-Za-z0-9]/g, (one) => `_${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function field(kind: number, type: string, value: string): string {
  return `${String.fromCharCode(kind, type.length)}${type}\0${value}`;
}

function text(content: string): string {
  return `${word(content.length)}${content}\0`;
}

function word(value: number): string {
  return String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

function inRoom(bytes: string, room = ROOM_OF_A_WORD): string {
  return bytes.padEnd(roundUp(bytes.length, room), '\0');
}

function roundUp(length: number, room: number): number {
  return Math.ceil(length / room) * room;
}

/** By the serial of the call that each answers. */
function valuesIn(answer: string): Map<number, string | number> {
  const values = new Map<number, string | number>();
  let rest = answer.slice(/OK [^\r]*\r\n/.exec(answer)?.index ?? answer.length).replace(/^[^\n]*\n/, '');
  for (;;) {
    const message = new Message(rest);
    if (!message.isWhole) return values;
    const value = message.kind === RETURN ? message.value() : undefined;
    const serial = message.answersTo();
    if (value !== undefined && serial !== undefined) values.set(serial, value);
    rest = rest.slice(message.length);
  }
}

/** Of what is received: whoever sent it, no length in it leads further than what is there. */
class Message {
  readonly #bytes: string;
  readonly #fieldsEnd: number;
  readonly length: number;

  constructor(bytes: string) {
    this.#bytes = bytes;
    this.#fieldsEnd = FIXED + this.#word(12);
    this.length = roundUp(this.#fieldsEnd, 8) + this.#word(4);
  }

  get isWhole(): boolean {
    return this.#bytes.length >= FIXED && this.#bytes.length >= this.length && /^[lB]/.test(this.#bytes);
  }

  get kind(): number {
    return this.#byte(1);
  }

  answersTo(): number | undefined {
    for (let at = FIXED; at < this.#fieldsEnd; at = roundUp(at, 8)) {
      // A kind, and the type of a variant: its length, one letter, and a zero.
      const [kind, type] = [this.#byte(at), this.#bytes[at + 2]];
      if (type === 'u' && kind === FIELD.answerTo) return this.#word(at + 4);
      if (type === 'u') at += 8;
      else if (type === 'g') at += 4 + this.#byte(at + 4) + 2;
      else at += 8 + this.#word(at + 4) + 1;
    }
    return undefined;
  }

  /** A body that is one variant. */
  value(): string | number | undefined {
    const at = roundUp(this.#fieldsEnd, 8);
    const type = this.#bytes[at + 1];
    if (type === 'u') return this.#word(at + 4);
    if (type === 's') return this.#bytes.slice(at + 8, at + 8 + this.#word(at + 4));
    return undefined;
  }

  #byte(at: number): number {
    return at < this.#bytes.length ? this.#bytes.charCodeAt(at) : 0;
  }

  #word(at: number): number {
    const bytes = [this.#byte(at), this.#byte(at + 1), this.#byte(at + 2), this.#byte(at + 3)];
    if (this.#bytes[0] === 'l') bytes.reverse();
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }
}
