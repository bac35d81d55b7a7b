import { confPath, confPort, fullName, stopped, versionOf } from './container.ts';
import type { Container } from './container.ts';
import type { Beat } from './fe-duties.ts';
import { lines, next } from './lines.ts';

/** A broker: answers the master on its ipc port. Does not register itself. */
export async function brokerProgram(container: Container): Promise<number> {
  const { network, signal, clock } = container;
  const beat: Beat = { version: `doris-${versionOf(container.image)}`, startedAt: clock.now() };
  container.log(`[NOTE] [Entrypoint]: Apache Doris broker ${beat.version}, host ${fullName(container)}`);
  using _listener = network.listen(
    confPort(container, confPath(container, 'apache_hdfs_broker.conf', '/opt/apache-doris/broker/conf'), 'broker_ipc_port', 8000),
    (stream) => {
      const line = lines(stream);
      const hangUp = () => line[Symbol.dispose]();
      signal.addEventListener('abort', hangUp, { once: true });
      const talk = async () => {
        const incoming = line[Symbol.asyncIterator]();
        if ((await next(incoming)) === undefined) return;
        line.send(beat);
        while ((await next(incoming)) !== undefined);
      };
      talk()
        .catch((error: unknown) => container.log(`WARN ipc: ${String(error)}`))
        .finally(() => {
          signal.removeEventListener('abort', hangUp);
          hangUp();
        });
    },
  );
  container.log('INFO broker started.');
  await stopped(signal);
  return 0;
}
