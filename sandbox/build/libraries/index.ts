import { cloud } from './cloud.ts';
import { data } from './data.ts';
import { databases } from './databases.ts';
import { http } from './http.ts';
import type { Library } from './library.ts';
import { tokens } from './tokens.ts';

/** All that is bundled. Of several versions of a name, the first is what a require without a pin gets. */
export const libraries: readonly Library[] = [...http, ...databases, ...tokens, ...cloud, ...data];
