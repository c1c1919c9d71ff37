/** The manager of units, as far as it is asked for properties: D-Bus, by its specification, and by what systemd 252 and 257 do. */

/** Unit, property, value. */
export type Properties = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

const OBJECT = '/org/freedesktop/systemd1/unit/';
/** What it reads for the authentication: messages among it are looked at when more comes. */
const READ_AT_ONCE = 256;

/** @param order of the bytes of numbers in what it answers */
export function fakeSystemd(properties: Properties, uid = 0, order: 'l' | 'B' = 'l') {
  return (bytes: string): string => {
    const hello = `\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString('hex')}\r\nBEGIN\r\n`;
    if (!bytes.startsWith(hello)) return 'REJECTED\r\n';
    const sent = Buffer.from(bytes.slice(hello.length), 'latin1');
    if (bytes.length <= READ_AT_ONCE) throw new Error('it waits for more');
    let answer = 'OK 0123456789abcdef\r\n';
    let at = 0;
    while (sent[at] === 'l'.charCodeAt(0)) {
      const [body, fields] = [sent.readUInt32LE(at + 4), sent.readUInt32LE(at + 12)];
      const start = at + Math.ceil((16 + fields) / 8) * 8;
      const [, interfaceName = '', name = ''] = strings(sent, at, start, body);
      const path = fieldsOf(sent.subarray(at, start));
      const label = path[1] ?? '';
      if (path[2] !== 'org.freedesktop.DBus.Properties' || path[3] !== 'Get' || path[8] !== 'ss')
        throw new Error(`not understood: ${JSON.stringify(path)}`);
      if (!label.startsWith(OBJECT) || !/^org\.freedesktop\.systemd1\.(Unit|Service)$/.test(interfaceName))
        throw new Error(`no such object: ${label} ${interfaceName}`);
      const unit = label
        .slice(OBJECT.length)
        .replace(/_([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      const value = properties[unit]?.[name];
      answer += signal(order) + reply(order, sent.readUInt32LE(at + 8), value);
      at = start + body;
    }
    if (at + 16 !== sent.length) throw new Error('what ends it is not read as a whole');
    return answer;
  };
}

function strings(bytes: Buffer, message: number, start: number, length: number): string[] {
  const found = [String(message)];
  for (let at = start; at < start + length; ) {
    at = start + Math.ceil((at - start) / 4) * 4;
    const size = bytes.readUInt32LE(at);
    if (bytes[at + 4 + size] !== 0) throw new Error('a string without an end');
    found.push(bytes.toString('latin1', at + 4, at + 4 + size));
    at += 4 + size + 1;
  }
  return found;
}

function fieldsOf(header: Buffer): Record<number, string> {
  const found: Record<number, string> = {};
  const end = 16 + header.readUInt32LE(12);
  for (let at = 16; at < end; at = Math.ceil(at / 8) * 8) {
    const kind = header[at] ?? 0;
    const isShort = header.toString('latin1', at + 1, at + 4) === '\x01g\0';
    const size = isShort ? (header[at + 4] ?? 0) : header.readUInt32LE(at + 4);
    const from = at + (isShort ? 5 : 8);
    found[kind] = header.toString('latin1', from, from + size);
    at = from + size + 1;
  }
  return found;
}

function number(order: 'l' | 'B', value: number): string {
  const bytes = Buffer.alloc(4);
  if (order === 'l') bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes.toString('latin1');
}

const padded = (text: string, room: number): string =>
  text.padEnd(Math.ceil(text.length / room) * room, '\0');

function message(order: 'l' | 'B', kind: number, fields: readonly string[], body: string): string {
  const all = fields.reduce((before, field) => padded(before, 8) + field);
  const fixed = `${order}${String.fromCharCode(kind, 1, 1)}${number(order, body.length)}${number(order, 7)}`;
  return padded(fixed + number(order, all.length) + all, 8) + body;
}

const text = (order: 'l' | 'B', kind: number, type: string, value: string): string =>
  `${String.fromCharCode(kind)}\x01${type}\0${number(order, value.length)}${value}\0`;

function reply(order: 'l' | 'B', serial: number, value: string | number | undefined): string {
  const answers = `\x05\x01u\0${number(order, serial)}`;
  // Longer and shorter fields stand before it, too.
  const sender = text(order, 7, 's', 'org.freedesktop.systemd1');
  const signature = (type: string): string => `\x08\x01g\0\x01${type}\0`;
  if (value === undefined) return message(order, 3, [sender, answers, text(order, 4, 's', 'no.such')], '');
  const body =
    typeof value === 'number'
      ? `\x01u\0\0${number(order, value)}`
      : `\x01s\0\0${number(order, value.length)}${value}\0`;
  return message(order, 2, [signature('v'), sender, answers], body);
}

/** It tells of what changes, too. */
function signal(order: 'l' | 'B'): string {
  const fields = [text(order, 1, 'o', OBJECT), text(order, 2, 's', 'a.b'), text(order, 3, 's', 'Changed')];
  return message(order, 4, fields, '');
}
