/** RLIM_INFINITY of 64 bits, in decimal: numbers of JavaScript have 53. */
export const UNLIMITED = '18446744073709551615';

/** One of proc_pid_limits(5); a number is decimal, or `unlimited`. */
export interface LimitLine {
  name: string;
  soft: string;
  hard: string;
}

/** Columns of 26, 21 and 21 characters, a line for each resource in the order of their numbers (getrlimit(2)). */
export function limitsIn(text: string): LimitLine[] {
  const [, ...lines] = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => ({
    name: line.slice('Max '.length, 26).trim(),
    soft: line.slice(26, 47).trim(),
    hard: line.slice(47, 68).trim(),
  }));
}

export function limitInWords(limit: string): string {
  return limit === UNLIMITED ? 'unlimited' : limit;
}
