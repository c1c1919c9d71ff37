/** Hold what was seen against what is intended. */
import type { Intended } from './intended.ts';
import type { Difference, Observation } from './observe.ts';

function matches(expected: string | RegExp, value: string): boolean {
  return typeof expected === 'string' ? expected === value : expected.test(value);
}

/** `probe` differs as a whole when only one of the two ran it: then its fields are differences, too. */
function covers(difference: Difference, field: string): boolean {
  return difference.field === field || (difference.field === 'probe' && field.startsWith('probe.'));
}

export class Tally {
  private readonly intended: readonly Intended[];
  private checked = 0;
  private readonly differing = new Set<string>();
  private readonly other = new Set<string>();
  /** `entry row field` of every intended difference that was there. */
  private readonly seen = new Set<string>();
  private readonly ran = new Set<string>();

  constructor(intended: readonly Intended[]) {
    this.intended = intended;
  }

  private static key(entry: number, row: string, field: string): string {
    return `${entry}\n${row}\n${field}`;
  }

  /** Note the fields of `entry` that differ as it says; true when `difference` is one of them. */
  private explains(
    entry: Intended,
    index: number,
    row: string,
    difference: Difference,
    tsenter: Observation,
  ): boolean {
    const agreed = Object.entries(entry.fields).filter(([field, expected]) => {
      const value = field === difference.field ? difference.tsenter : (tsenter.get(field) ?? 'absent');
      return covers(difference, field) && matches(expected, value);
    });
    for (const [field] of agreed) this.seen.add(Tally.key(index, entry.rows === 'any' ? '' : row, field));
    return agreed.some(([field]) => field === difference.field);
  }

  /** The differences of one row that nothing explains. */
  check(row: string, found: readonly Difference[], tsenter: Observation): Difference[] {
    this.checked += 1;
    this.ran.add(row);
    const entries = this.intended
      .map((entry, index) => ({ entry, index }))
      .filter(({ entry }) => entry.rows === 'any' || entry.rows.includes(row));
    // Every entry is asked, not only the first that explains: each must be seen.
    const others = found.filter(
      (one) =>
        entries.filter(({ entry, index }) => this.explains(entry, index, row, one, tsenter)).length === 0,
    );
    if (others.length > 0) this.other.add(row);
    else if (found.length > 0) this.differing.add(row);
    return others;
  }

  /** Entries, rows and fields that did not differ as they should. Rows that a filter left out do not count. */
  stale(): string[] {
    return this.intended.flatMap((entry, index) => {
      const any = this.checked > 0 ? [''] : [];
      const names = entry.rows === 'any' ? any : entry.rows.filter((name) => this.ran.has(name));
      return names.flatMap((name) =>
        Object.keys(entry.fields)
          .filter((field) => !this.seen.has(Tally.key(index, name, field)))
          .map((field) => `${entry.source} (${entry.reason}): ${name === '' ? 'any row' : name}: ${field}`),
      );
    });
  }

  /** Rows, and entries that were seen. */
  counts(): { readonly rows: number; readonly intended: number } {
    return { rows: this.checked, intended: new Set([...this.seen].map((key) => key.split('\n')[0])).size };
  }

  summary(): string {
    const { rows, intended: kinds } = this.counts();
    return (
      `conformance: ${rows} rows, ${kinds} intended differences (in ${this.differing.size} rows), ` +
      `${this.other.size} others`
    );
  }
}
