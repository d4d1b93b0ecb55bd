/**
 * What a process that is about to die says on its standard error may hold anything of the scripts it carried: heap
 * traces, source lines, values. Of all that only the words of V8 and Node themselves are taken, which are constants.
 */
export function readFatalLine(text: string): string | undefined {
  const fatal = /^(?:<--- .* --->\s*)?FATAL ERROR: ((?:[A-Z][\w:]+ )?[A-Za-z ,:-]{1,120})$/m.exec(text);
  if (fatal?.[1]) return fatal[1].trim();
  const check = /^# Fatal (?:process out of memory|JavaScript out of memory|error)\b/m.exec(text);
  if (check) return check[0].slice(2);
  const error = /^([A-Z]\w{0,40}Error)(?: \[(ERR_\w{1,60})\])?:/m.exec(text);
  if (error) return error[2] ? `${error[1]} ${error[2]}` : error[1];
  return undefined;
}
