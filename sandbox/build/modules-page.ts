import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleEntry } from '../contract/modules.ts';
import { builtins } from './builtins.ts';
import { libraries } from './libraries/index.ts';
import { type Family, type Library, nameOf } from './libraries/library.ts';
import { moduleTable } from './module-table.ts';

const page = join(import.meta.dirname, '../../docs/modules.md');
const families: Family[] = [
  'Databases and directories',
  'HTTP',
  'Tokens and cryptography',
  'Cloud services',
  'Data and control flow',
];

/** docs/modules.md, of the table that the runtime uses: the prose that is there, with the tables made anew. */
export async function modulesPage(): Promise<string> {
  const { modules } = await moduleTable();
  const versions = new Map(modules.map((entry) => [entry.id, entry]));
  const tables: Record<string, string> = {
    libraries: families.map((family) => familyTable(family, versions)).join('\n\n'),
    pins: pinTable(modules),
    builtins: table(
      ['module', 'not there'],
      builtins.flatMap(({ name, aliases, absent }) =>
        name === 'bcrypt' ? [] : [[[name, ...aliases].map((one) => `\`${one}\``).join(', '), absent]],
      ),
    ),
  };
  const text = await readFile(page, 'utf8');
  return text.replace(
    /<!-- begin (\w+) -->\n[\s\S]*?<!-- end \1 -->/g,
    (_all, name: string) => `<!-- begin ${name} -->\n\n${tables[name] ?? ''}\n\n<!-- end ${name} -->`,
  );
}

function familyTable(family: Family, versions: ReadonlyMap<string, ModuleEntry>): string {
  const byName = new Map<string, Library[]>();
  for (const library of libraries) {
    if (library.family !== family) continue;
    byName.set(nameOf(library), [...(byName.get(nameOf(library)) ?? []), library]);
  }
  const rows = [...byName].map(([name, versionsOfIt]) => {
    const [first, ...others] = new Set(versionsOfIt.map(({ package: id }) => versions.get(id)?.version));
    const subpaths = versionsOfIt.flatMap((library) => Object.keys(library.subpaths ?? {}));
    const unsupported = [...new Set(versionsOfIt.flatMap((library) => library.unsupported ?? []))];
    return [
      `\`${name}\`${subpaths.length > 0 && subpaths.length < 3 ? `, \`${name}/${subpaths[0]}\`` : ''}`,
      [`**${first}**`, ...others].join(', '),
      unsupported.join('; '),
    ];
  });
  // A package that the runtime stands in for.
  if (family === 'Tokens and cryptography')
    rows.push(['`bcrypt`', `**${versions.get('bcrypt')?.version}**`, '']);
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en'));
  return `### ${family}\n\n${table(['module', 'versions', 'not supported'], rows)}`;
}

/** What is answered by another major than the pinned one, where more than that is to be said. */
function pinTable(modules: readonly ModuleEntry[]): string {
  const rows = modules
    .filter(({ pins, keeps }) => pins !== undefined || keeps !== undefined)
    .map((entry) => [pinsOf(entry), `${entry.name} ${entry.version}`, entry.keeps ?? '']);
  return table(['pin', 'gets', 'what to know'], rows);
}

function pinsOf({ name, version, pins }: ModuleEntry): string {
  const own = Number(version.split('.')[0]);
  if (!pins) return `\`${name}\` of another major than ${own}`;
  const [first, last] = pins;
  if (last >= 99) return `\`${name}@${first}\` and later`;
  return first === 0 ? `\`${name}@${last}\` and earlier` : `\`${name}@${first}\` to \`@${last}\``;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) await writeFile(page, await modulesPage());
