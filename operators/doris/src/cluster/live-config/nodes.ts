import type { Mandate } from '@binnacle/runtime';
import { changeSettingOf, showSettings } from '../../sql/back-end-http.ts';
import { showBackends } from '../../sql/backends.ts';
import { frontEnd } from '../../sql/front-end.ts';
import type { Account, Doors, FrontEnd } from '../../sql/front-end.ts';
import type { Master } from '../../sql/master.ts';
import { changeSetting, showSetting } from '../../sql/settings.ts';
import type { Setting } from '../../sql/settings.ts';
import { SHOW_OWN } from '../../sql/statements.ts';
import { ordinalOf } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import type { LiveName } from '../objects/config.ts';
import { backEndPorts } from '../ports.ts';

/** A node that is alive, and the door to its settings. All calls throw DorisError. */
export interface Running {
  readonly host: string;
  /** The front end that leads. */
  readonly master: boolean;
  /** Those of these keys that it has. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Setting>>;
  change(key: string, value: string): Promise<void>;
}

/** Every living node of a component. One that is not alive reads its file when it starts. @throws {DorisError} */
export async function running(
  doors: Doors,
  cluster: Cluster,
  name: LiveName,
  { fe, frontends }: Master,
  account: Account,
  mandate: Mandate,
): Promise<readonly Running[]> {
  if (name === 'fe') {
    const alive = frontends.filter((one) => one.alive);
    return alive.map(({ host, queryPort, master }) =>
      ofFrontEnd({ host, master }, mandate.signal, async (use) => {
        if (master) return await use(fe);
        await using other = await frontEnd(doors, { host, port: queryPort, account }, mandate);
        await other.query(SHOW_OWN, mandate.signal);
        return await use(other);
      }),
    );
  }
  const { webserver } = backEndPorts(componentOf(cluster, name).config);
  const alive = (await showBackends(fe, mandate.signal)).filter((one) => one.alive && ordinalOf(cluster, name, one.host) !== undefined);
  return alive.map(({ host, httpPort }) => ofBackEnd(doors, { host, port: httpPort ?? webserver, account }, mandate));
}

function ofFrontEnd(of: Pick<Running, 'host' | 'master'>, signal: AbortSignal, withIt: <T>(use: (fe: FrontEnd) => Promise<T>) => Promise<T>): Running {
  return {
    ...of,
    // Each front end has its own settings.
    read: (keys) =>
      withIt(async (fe) => {
        const found = new Map<string, Setting>();
        for (const key of keys.filter((one) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(one))) {
          const setting = await showSetting(fe, key, signal);
          if (setting !== undefined) found.set(key, setting);
        }
        return found;
      }),
    change: (key, value) => withIt((fe) => changeSetting(fe, key, value, signal)),
  };
}

function ofBackEnd(doors: Doors, at: Parameters<typeof showSettings>[1], mandate: Mandate): Running {
  return {
    host: at.host,
    master: false,
    async read(keys) {
      const all = await showSettings(doors, at, mandate.signal);
      return new Map([...all].filter(([key]) => keys.includes(key)));
    },
    change: (key, value) => changeSettingOf(doors, at, key, value, mandate),
  };
}
