import { insideOf, type Maps } from '../target/id-maps.ts';

/**
 * Supplementary groups as the user namespace counts that is entered, in their order.
 *
 * @param maps undefined: none is entered
 * @param missing is told of a group that is not mapped, or once that none may be set; what it does not throw at is left out
 * @returns undefined where none may be set
 */
export function groupsInside(
  groups: readonly number[],
  maps: Maps | undefined,
  missing: (group: number | 'any') => void,
): readonly number[] | undefined {
  if (!maps) return groups;
  if (maps.setgroups === 'deny') {
    if (groups.length > 0) missing('any');
    return undefined;
  }
  return groups.flatMap((group) => {
    const inside = insideOf(maps.gid, group);
    if (inside === undefined) missing(group);
    return inside ?? [];
  });
}
