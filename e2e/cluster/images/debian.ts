import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { file, text } from './folder.ts';
import type { Entry } from './tar.ts';

/** By Node's name of the processor: Debian's folder of libraries, and the loader as a dynamically linked program asks for it. */
const MACHINES: Readonly<Record<string, { readonly folder: string; readonly loader: string }>> = {
  x64: { folder: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  arm64: { folder: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
};

/** Commands of busybox that images with a shell have. */
const COMMANDS = ['sh', 'cat', 'echo', 'env', 'false', 'id', 'ls', 'mkdir', 'nc', 'nslookup', 'ps', 'rm', 'sleep', 'touch', 'true', 'wget'];

/** `package=version` of Debian packages of this machine: what an image made from them depends on. */
export function versions(packages: readonly string[]): string {
  return execFileSync('dpkg-query', ['-W', '-f', '${Package}=${Version}\n', ...packages], { encoding: 'utf8' });
}

/** The folders every program expects, and the names of the users that run in our images. */
export function skeleton(): readonly Entry[] {
  const users = ['root:x:0:0::/:/bin/false', 'hazelcast:x:1001:0::/opt/hazelcast:/bin/false', 'nonroot:x:65532:65532::/:/bin/false'];
  const folders = ['etc', 'home', 'proc', 'run', 'sys', 'dev', 'usr/bin', 'usr/lib', 'usr/sbin', 'usr/local/bin', 'var'];
  return [
    ...folders.map((path): Entry => ({ path, type: 'folder', mode: 0o755 })),
    { path: 'tmp', type: 'folder', mode: 0o1777 },
    ...['bin', 'lib', 'lib64', 'sbin'].map((path): Entry => ({ path, type: 'link', target: `usr/${path}` })),
    { path: 'var/run', type: 'link', target: '../run' },
    text('etc/passwd', `${users.join('\n')}\n`),
    text('etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
  ];
}

/** The shared libraries of Debian packages of this machine, and the loader that finds them. @throws {Error} on another processor than x64 and arm64. */
export function libraries(packages: readonly string[]): readonly Entry[] {
  const machine = MACHINES[process.arch];
  if (machine === undefined) throw new Error(`no image is made for ${process.arch}: ${Object.keys(MACHINES).join(' or ')}`);
  const { folder, loader } = machine;
  const library = new RegExp(`^/(usr/)?lib/${folder}/[^/]+\\.so[^/]*$`);
  const listed = execFileSync('dpkg', ['-L', ...packages], { encoding: 'utf8' }).split('\n');
  const found = new Map<string, Entry>();
  for (const source of listed.filter((one) => library.test(one) && existsSync(one))) {
    const path = `usr/lib/${folder}/${source.slice(source.lastIndexOf('/') + 1)}`;
    found.set(path, lstatSync(source).isSymbolicLink() ? { path, type: 'link', target: readlinkSync(source) } : file(source, path));
  }
  return [...found.values(), file(realpathSync(`/${loader}`), `usr/${loader}`)];
}

/** A shell and the few commands that probes, hooks and people use. Of Debian's package `busybox`. */
export function shell(): readonly Entry[] {
  return [file('/bin/busybox', 'usr/bin/busybox'), ...COMMANDS.map((name): Entry => ({ path: `usr/bin/${name}`, type: 'link', target: 'busybox' }))];
}
