/**
 * For members of libp2p's objects that its types do not show: says so if they
 * are gone.
 * @throws if the object has not all of these.
 */
export function insistMembers<T extends object>(
  value: object,
  ...members: (keyof T & string)[]
): asserts value is T & object {
  for (const member of members) {
    if (!(member in value)) {
      throw new Error(`this version of libp2p is not supported: no ${member}`);
    }
  }
}
