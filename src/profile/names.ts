import { coded, textField } from './text-field.ts';

/** Where the sources differ (150 or 300 for name, 350 or 300 for nickname) the wider limit holds. */
export const nameLimits = { name: 300, nickname: 350, given_name: 150, family_name: 150 };

function nameField(field: keyof typeof nameLimits) {
  const max = nameLimits[field];
  return textField(field, `Return text of at most ${max} characters, or leave ${field} out.`, { max });
}

const pictureAdvice = 'Return an absolute address like "https://example.com/jane.png", or leave picture out.';
const pictureSchemes = new Set(['http:', 'https:', 'data:']);

export const nameSchemas = {
  name: nameField('name'),
  nickname: nameField('nickname'),
  given_name: nameField('given_name'),
  family_name: nameField('family_name'),
  // A page shows it as it is: other schemes (javascript:, file:) have no business there.
  picture: textField('picture', pictureAdvice).refine(
    (picture) => URL.canParse(picture) && pictureSchemes.has(new URL(picture).protocol),
    coded('picture_malformed', `picture is not an absolute http, https or data URL. ${pictureAdvice}`),
  ),
  access_token: textField('access_token', 'Return a string, or leave access_token out.'),
  refresh_token: textField('refresh_token', 'Return a string, or leave refresh_token out.'),
};
