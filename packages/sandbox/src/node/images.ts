import type { Container, Image } from '../program.ts';

/** Runs until it is told to end: `pause`, and `sleep infinity`. */
async function pause({ signal }: Container): Promise<number> {
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return 0;
}

/** Sleeps the seconds it was told, or to the end. */
async function sleep(container: Container): Promise<number> {
  const seconds = Number(commands(container)[0]?.[1]);
  if (!Number.isFinite(seconds)) return pause(container);
  await container.clock.sleep(seconds * 1000, container.signal);
  return 0;
}

async function nothing(): Promise<number> {
  return 0;
}

/** The commands of a container, each as its words: one, or those of a shell's script. */
function commands({ command, args }: { readonly command: readonly string[]; readonly args: readonly string[] }): readonly (readonly string[])[] {
  const all = [...command, ...args];
  const shell = /^(\/bin\/)?(ba)?sh$/.test(all[0] ?? '') && all[1] === '-c';
  if (!shell) return [all];
  return (all[2] ?? '').split(/&&|\|\||;|\n/).flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));
}

type Words = readonly string[];
const only = (is: (words: Words) => boolean) => (container: { readonly command: readonly string[]; readonly args: readonly string[] }) => {
  const all = commands(container);
  return all.length > 0 && all.every(is);
};

/** Kernel settings that database pods ask for; there is no kernel here, so they hold. */
const SETTINGS = new Set(['sysctl', 'swapoff', 'ulimit']);
const TOOLS = /(^|\/)(busybox|alpine|ubi[^/]*)([:@]|$)/;

/**
 * Images that stand for little helpers everywhere: `pause`, and of busybox and its like the commands that pods use to prepare a node or to wait.
 * Any other command of theirs matches nothing: a script that is not run must not look as if it had been.
 */
export const helperImages: readonly Image[] = [
  { image: /(^|\/)pause([:@]|$)/, program: pause },
  { image: TOOLS, when: only(([name]) => SETTINGS.has(name ?? '')), program: nothing },
  { image: TOOLS, when: only((words) => words.length === 1 && words[0] === 'true'), program: nothing },
  {
    image: TOOLS,
    when: (container) => commands(container).length === 1 && only((words) => words.length === 2 && words[0] === 'sleep')(container),
    program: sleep,
  },
];
