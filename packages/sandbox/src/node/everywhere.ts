import type { Container } from '../program.ts';

/** What a command that nothing stands for is told; a shell's words first, since people search for them. */
export const NOT_HERE = 'command not found: the program of this image knows no such command, and the node knows only hostname, env, cat and true';

interface Answer {
  readonly exitCode: number;
  readonly output: string;
}

/** The few commands that mean the same in every image, so that the node can answer them for every program. Undefined: none of them. */
export async function everywhere(container: Container, command: readonly string[]): Promise<Answer | undefined> {
  const [name, ...args] = command;
  switch (name?.replace(/^(\/usr)?\/bin\//, '')) {
    case 'true':
      return { exitCode: 0, output: '' };
    case 'hostname':
      return args.length === 0 ? { exitCode: 0, output: `${container.hostname}\n` } : takesNone('hostname');
    case 'env':
      if (args.length > 0) return takesNone('env');
      return {
        exitCode: 0,
        output: Object.entries(container.env)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(''),
      };
    case 'cat':
      return cat(container, args);
    default:
      return undefined;
  }
}

async function cat(container: Container, paths: readonly string[]): Promise<Answer> {
  // Waiting for an input that cannot come would hang for ever.
  if (paths.length === 0) return { exitCode: 1, output: 'cat: commands read no standard input here: name a mounted file\n' };
  const parts = await Promise.all(paths.map(async (path) => ({ path, content: await container.read(path) })));
  return {
    exitCode: parts.every(({ content }) => content !== undefined) ? 0 : 1,
    output: parts.map(({ path, content }) => content ?? `cat: ${path}: No such file or directory (only mounted files are here)\n`).join(''),
  };
}

function takesNone(name: string): Answer {
  return { exitCode: 1, output: `${name}: takes no arguments here\n` };
}
