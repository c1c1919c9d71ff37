import { OPTION_ROWS } from '../options/table.ts';

/**
 * `-pm` is -p with the value `m`, as in nsenter; what was meant is mostly `-p -m`. Of `-pmt PID` the next word is what -t was to have.
 *
 * @param long the option that took the value
 */
export function didYouMeanFlags(long: string, value: string, kind: 'file' | 'directory'): string | undefined {
  if (value === '') return undefined;
  const letter = OPTION_ROWS.find((row) => row.long === long)?.short;
  const others = [...value].map((other) => OPTION_ROWS.find((row) => row.short === other));
  const isLast = (index: number) => index === others.length - 1;
  if (!others.every((row, index) => row?.short && (row.value !== 'required' || isLast(index))))
    return undefined;
  return `-${letter}${value} is -${letter} with the ${kind} '${value}'; did you mean ${[letter, ...value].map((l) => `-${l}`).join(' ')}?`;
}
