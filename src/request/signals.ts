import { UsageError } from '../sys/errors.ts';
import { isDigits } from './decimal.ts';

/** signal(7)'s numbers of x86, arm, riscv, powerpc and s390: a signal's number is one more than its place. */
export const SIGNAL_NAMES: readonly string[] =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

const LAST = 64;
/** As the C library numbers them: the kernel's first two are its own. */
const RTMIN = 34;

/**
 * The number of a signal that is given by number or by name, such as `15`, `TERM`, `SIGTERM` or `RTMIN+3`.
 *
 * @throws UsageError for anything else
 */
export function parseSignal(option: string, text: string): number {
  const number = isDigits(text) ? Number(text) : numberOf(text.toUpperCase().replace(/^SIG/, ''));
  if (number === undefined || number < 1 || number > LAST)
    throw new UsageError('parse', `signal '${text}' of --${option}`, 'not a signal');
  return number;
}

function numberOf(name: string): number | undefined {
  const place = SIGNAL_NAMES.indexOf(name);
  if (place >= 0) return place + 1;
  const [, from, offset] = /^RT(MIN|MAX)([+-]\d{1,2})?$/.exec(name) ?? [];
  if (from === undefined) return undefined;
  const number = (from === 'MIN' ? RTMIN : LAST) + Number(offset ?? 0);
  return number >= RTMIN ? number : undefined;
}
