import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupNamed, groupsWith, namesLike, userNamed, userNumbered } from '../../../src/facts/passwd.ts';
import { processorTime } from '../../support/processor-time.ts';

const WEB = { name: 'web', uid: 33, gid: 44, home: '/srv', shell: '/bin/ash' };
const LINE = 'web:x:33:44:Web,,,:/srv:/bin/ash';

describe('a user', () => {
  it.each([
    ['alone', LINE],
    ['with a line end', `${LINE}\n`],
    ['behind others', `root:x:0:0::/root:/bin/sh\nwebmaster:x:1:1::/:\n${LINE}\n`],
    ['the first of two', `${LINE}\nweb:x:0:0::/root:/bin/sh\n`],
    ['behind a comment', `#${LINE}\n#web:x:0:0::/:\n${LINE}\n`],
    ['behind what the C library asks others for', `+web:x:0:0::/:\n-web\n+::::::\n${LINE}\n`],
    ['behind a name within another field', `x:x:9:9:web:x:0:0\nx:web:9:9::/:\n${LINE}\n`],
    ['behind an id that is none', `web:x::0::/:/bin/sh\nweb:x:-1:0::/:\nweb:x:0x0:0::/:\n${LINE}`],
    [
      'behind ids out of range',
      `web:x:4294967295:0::/:\nweb:x:0:4294967296::/:\nweb:x:00000000000:0::/:\n${LINE}`,
    ],
    ['behind lines that are short', `web\nweb:\nweb:x:0\n\n::::::\n${LINE}`],
    [
      'behind a line with a control character',
      `web:x:0:0::/\x1b[2J:/bin/sh\nweb:x:0:0::/:/bin/sh\r\n${LINE}\n`,
    ],
    ['behind a line that is too long', `web:x:0:0:${'x'.repeat(1 << 16)}:/:/bin/sh\n${LINE}\n`],
    ['with more fields', `${LINE}:more:fields`],
  ])('%s', (_, passwd) => {
    expect(userNamed(passwd, 'web')).toEqual(WEB);
    expect(userNumbered(passwd, 33)).toEqual(WEB);
  });

  it('without directory and shell has / and /bin/sh', () => {
    const nothing = { home: '/', shell: '/bin/sh' };
    for (const rest of ['', ':', ':::', '::srv:ash'])
      expect(userNamed(`web:x:33:44${rest}`, 'web')).toEqual({ ...WEB, ...nothing });
  });

  it('who is not there', () => {
    for (const passwd of ['', '\n', LINE, `\0${LINE}`, LINE.replace(/:/g, ' ')]) {
      expect(userNamed(passwd, 'we')).toBeUndefined();
      expect(userNamed(passwd, 'x')).toBeUndefined();
      expect(userNumbered(passwd, 44)).toBeUndefined();
      expect(userNumbered(passwd, 3)).toBeUndefined();
    }
  });

  it.each([':33:', 'web:', 'web:\n', 'web\n', 'web,', '\n', ':33:\n', 'x:x:33:web\n', ':::::::', 'web:web'])(
    'is looked for in a time that grows with the file: %j',
    (part) => {
      const fastest = (bytes: number) => {
        const text = part.repeat(bytes / part.length);
        const look = () => {
          expect(userNamed(text, 'web')).toBeUndefined();
          expect(userNumbered(text, 33)).toBeUndefined();
          expect(groupNamed(text, 'web')).toBeUndefined();
          groupsWith(text, 'web');
          namesLike(text, 'web');
        };
        return Math.min(...Array.from({ length: 3 }, () => processorTime(look)));
      };
      // With the square of it, it would be 256.
      expect(fastest(1 << 20) / Math.max(1, fastest(1 << 16))).toBeLessThan(100);
    },
  );
});

describe('groups', () => {
  const group = [
    'root:x:0:',
    '#web:x:9:web',
    '+staff:x:9:web',
    'staff:x:50:web,db',
    'staff:x:51:web',
    'web:x:44:',
    'db:x:60:webmaster,db',
    'audio:x:29:web',
    'twice:x:29:db,web',
    'bad:x:y:web',
    'much:x:4294967295:web',
    'web,web',
    'short:web',
    'last:x:7:db,web',
  ].join('\n');

  it('by name, the first that is whole', () => {
    expect(groupNamed(group, 'staff')).toBe(50);
    expect(groupNamed(group, 'last')).toBe(7);
    expect(groupNamed(group, 'bad')).toBeUndefined();
    expect(groupNamed(group, 'taff')).toBeUndefined();
    expect(groupNamed(`${group}\nbad:x:8`, 'bad')).toBe(8);
  });

  it('with a member, each once', () => {
    expect(groupsWith(group, 'web')).toEqual([7, 29, 50, 51]);
    expect(groupsWith(group, 'webmaster')).toEqual([60]);
    expect(groupsWith(group, 'root')).toEqual([]);
  });
});

it('names that may have been meant', () => {
  const passwd = 'root:x:0:0::/:\nWeb:x:1:1::/:\nwww-data:x:2:2::/:\n#weg:\n+weg:\nwebmaster:x:3:3::/:\nx:\n';
  expect(namesLike(passwd, 'web')).toEqual(['Web', 'webmaster']);
  expect(namesLike(passwd, 'ww-daat')).toEqual(['www-data']);
  expect(namesLike(passwd, 'nobody')).toEqual([]);
});

/** What the same functions are without an eye on time: line by line, field by field. */
function lines(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => !/^[#+-]/.test(line))
    .map((line) => line.split(':'));
}

const isId = (digits = ''): boolean => /^\d{1,10}$/.test(digits) && Number(digits) < 0xffff_ffff;

describe('random files', () => {
  const word = fc.constantFrom(
    'web',
    'we',
    'b',
    '',
    'x',
    '33',
    '7',
    '33',
    '#',
    '+web',
    '4294967295',
    'web,b',
    ',',
  );
  const line = fc.array(word, { maxLength: 8 }).map((fields) => fields.join(':'));
  const file = fc.array(line, { maxLength: 12 }).map((all) => all.join('\n'));

  it('users are those that a reader line by line finds', () => {
    fc.assert(
      fc.property(file, (text) => {
        const users = lines(text).filter(([name, , uid, gid]) => name !== '' && isId(uid) && isId(gid));
        const named = users.find(([name]) => name === 'web');
        expect(userNamed(text, 'web')?.uid).toBe(named && Number(named[2]));
        const numbered = users.find(([, , uid]) => uid === '33');
        expect(userNumbered(text, 33)?.name).toBe(numbered?.[0]);
      }),
      { numRuns: 2000 },
    );
  });

  it('and groups', () => {
    fc.assert(
      fc.property(file, (text) => {
        const groups = lines(text).filter(([, , gid]) => isId(gid));
        expect(groupNamed(text, 'web')).toBe(
          groups.filter(([name]) => name === 'web').map(([, , gid]) => Number(gid))[0],
        );
        const mine = groups.filter((fields) => fields.slice(3).join(':').split(',').includes('web'));
        const gids = new Set(mine.map(([, , gid]) => Number(gid)));
        expect(groupsWith(text, 'web')).toEqual([...gids].sort((one, other) => one - other));
      }),
      { numRuns: 2000 },
    );
  });
});
