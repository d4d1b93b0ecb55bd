/** What tells people apart, beside the user_id. */
const fields = ['email', 'phone_number', 'username'] as const;

/** The first field in which two profiles are of different people; undefined where they agree in all that both have. */
export function otherPerson(
  one: Record<string, unknown>,
  other: Record<string, unknown>,
): (typeof fields)[number] | undefined {
  return fields.find((field) => {
    const [first, second] = [one[field], other[field]];
    if (typeof first !== 'string' || typeof second !== 'string') return false;
    return first.toLowerCase() !== second.toLowerCase();
  });
}
