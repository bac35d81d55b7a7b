import { backEndProgram } from './be.ts';
import { brokerProgram } from './broker.ts';
import type { Container, Program } from './container.ts';
import { bornOnceProgram } from './born-once.ts';
import { frontEndProgram } from './fe.ts';
import { checkConnectionProgram, initializeProgram } from './initializer.ts';
import { alloyProgram, grafanaProgram, lokiProgram, prometheusProgram, promtailProgram } from './prometheus.ts';

export type { Container, Program } from './container.ts';

/** The entry of the sandbox's table of images, as far as we fill it in. */
export interface SimulatedImage {
  readonly image: RegExp;
  readonly when?: (container: { readonly command: readonly string[]; readonly args: readonly string[] }) => boolean;
  readonly program: Program;
  readonly exec: (container: Container, command: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>;
}

/** `ghcr.io/linsoss/doris-fe:2.0.3` and its like, and the other family's `apache/doris:fe-2.1.7`. */
const named = (component: string): RegExp => new RegExp(`(^|/)(doris-${component}(:|@|$)|doris:${component}-)`);

/** The operator's own container before a front end, in the front end's image. */
const isBornOnce = ({ command }: { readonly command: readonly string[] }): boolean => command[2]?.includes('/etc/doris-born') === true;

/** Python with MySQLdb, in which the initializer's scripts run. */
const MYSQL_CLIENT = /(^|\/)mysqlclient(:|@|$)/;

/** The stop scripts of preStop hooks: the process ends with its own signal, so they have nothing to do. */
const exec: SimulatedImage['exec'] = async (_container, command) =>
  await Promise.resolve(
    /(bin\/stop_(fe|be|broker)|\/(fe|be|broker)_prestop)\.sh/.test(command.join(' '))
      ? { exitCode: 0, output: '' }
      : { exitCode: 127, output: `${command[0] ?? ''}: command not found\n` },
  );

/** What Doris' images do on the sandbox, and the one that sets vm.max_map_count before a back end. */
export const dorisImages: readonly SimulatedImage[] = [
  { image: named('fe'), when: (container) => !isBornOnce(container), program: frontEndProgram, exec },
  { image: named('fe'), when: isBornOnce, program: bornOnceProgram, exec },
  { image: named('be'), program: backEndProgram('mix'), exec },
  { image: named('cn'), program: backEndProgram('computation'), exec },
  { image: named('broker'), program: brokerProgram, exec },
  { image: MYSQL_CLIENT, when: ({ command }) => command[1] === '/usr/local/bin/check_conn.sh', program: checkConnectionProgram, exec },
  { image: MYSQL_CLIENT, when: ({ command }) => command[1] === '/usr/local/bin/start.py', program: initializeProgram, exec },
  { image: /(^|\/)prom\/prometheus(:|@|$)/, program: prometheusProgram, exec },
  { image: /(^|\/)grafana\/grafana(:|@|$)/, program: grafanaProgram, exec },
  { image: /(^|\/)grafana\/loki(:|@|$)/, program: lokiProgram, exec },
  { image: /(^|\/)grafana\/promtail(:|@|$)/, program: promtailProgram, exec },
  { image: /(^|\/)grafana\/alloy(:|@|$)/, program: alloyProgram, exec },
  {
    image: /(^|\/)busybox(:|@|$)/,
    when: ({ command }) => command[0] === 'sysctl',
    async program(container) {
      container.log('vm.max_map_count = 2000000');
      return await Promise.resolve(0);
    },
    exec,
  },
];
