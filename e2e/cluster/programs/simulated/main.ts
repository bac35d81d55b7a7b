import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { NetworkError, systemClock, tcpNetwork } from '@binnacle/client';
import { dorisImages } from '@binnacle/doris/simulator';
import { hazelcastSimulation } from '@binnacle/hazelcast/simulator';
import { fileVolumes } from '@binnacle/sandbox';
import type { Container } from '@binnacle/sandbox';

/**
 * Runs the simulated program of an image in a real container: sockets of the pod, names of the cluster's DNS, files of mounted volumes, SIGTERM. The image's name
 * is in BINNACLE_IMAGE; arguments are the container's command, then its arguments, as the pod gives them.
 */
const image = process.env['BINNACLE_IMAGE'] ?? '';
const [command, args] = split(process.argv.slice(2));
const program = [...dorisImages, ...hazelcastSimulation().images].find(
  (one) => one.image.test(image) && (!('when' in one) || one.when?.({ command, args }) !== false),
)?.program;
if (program === undefined) throw new Error(`nothing is simulated for image '${image}' and command '${command.join(' ')}'`);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.exit(await program(container()));

/** `--command a b -- c`: what stands for the entry point of the image, and the arguments. */
function split(argv: readonly string[]): readonly [readonly string[], readonly string[]] {
  return argv[0] === '--command' ? [argv.slice(1), []] : [[], argv];
}

function container(): Container {
  const [ip, ...names] = ownNames();
  const [name, fullName] = [process.env['HOSTNAME'] ?? '', names.find((one) => one.includes('.'))];
  const subdomain = fullName?.split('.')[1];
  const namespace = fullName?.split('.')[2] ?? text('/var/run/secrets/kubernetes.io/serviceaccount/namespace') ?? searched();
  const identity = { metadata: { name, namespace }, spec: { containers: [], ...(subdomain === undefined ? {} : { subdomain }) } };
  return {
    pod: identity as unknown as Container['pod'], // what programs read of it; the rest is behind the API, which they do not ask
    name,
    image,
    command,
    args,
    env: process.env as Readonly<Record<string, string>>, // sound: a variable that is there has a value
    hostname: name,
    ip: ip ?? '',
    clock: systemClock(),
    signal: stop.signal,
    network: {
      ...tcpNetwork(),
      listen,
      resolve: (host) => {
        throw new NetworkError('unresolved', `${host}: no program here asks for addresses`);
      },
    },
    readFile: text,
    read: async (path) => text(path),
    volume: (mountPath) => (mounted(mountPath) ? fileVolumes(mountPath).open('files') : undefined),
    log: (line) => void process.stdout.write(`${line}\n`),
  };
}

function listen(port: number, accept: (stream: Duplex) => void): Disposable {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    accept(socket);
  });
  server.on('error', (error) => {
    process.stderr.write(`port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(port);
  return { [Symbol.dispose]: () => void server.close() };
}

/** Address and names of this pod, as the kubelet wrote them. */
function ownNames(): readonly string[] {
  const lines = (text('/etc/hosts') ?? '').split('\n').map((line) => line.split(/\s+/));
  return lines.findLast((words) => words.includes(process.env['HOSTNAME'] ?? '')) ?? [];
}

/** The namespace by the DNS search list. */
function searched(): string {
  return /^search (\S+)\.svc\./m.exec(text('/etc/resolv.conf') ?? '')?.[1] ?? '';
}

function mounted(path: string): boolean {
  const clean = path.replace(/\/+$/, '');
  return (text('/proc/self/mountinfo') ?? '').split('\n').some((line) => line.split(' ')[4] === clean);
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
