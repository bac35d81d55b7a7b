/**
 * Ports by logical name, from the component's configuration. A missing or empty value means the default (spec/doris-operator.md §2.6);
 * one that is no number is refused before anything is built: a default in its place would be the port of nobody.
 */
type Config = Readonly<Record<string, string>> | undefined;

export interface FrontEndPorts {
  readonly http: number;
  readonly editLog: number;
  readonly rpc: number;
  readonly query: number;
}
export interface BackEndPorts {
  readonly webserver: number;
  readonly heartbeat: number;
  readonly be: number;
  readonly brpc: number;
}
export interface BrokerPorts {
  readonly ipc: number;
}

/** Ports of front ends. */
export function frontEndPorts(config: Config): FrontEndPorts {
  return {
    http: port(config, 'http_port', 8030),
    editLog: port(config, 'edit_log_port', 9010),
    rpc: port(config, 'rpc_port', 9020),
    query: port(config, 'query_port', 9030),
  };
}

/**
 * Ports of back ends and compute nodes. The existing operator reads the heartbeat port from `be_port`, so that its probes and its Service break
 * as soon as one of the two is set (spec/doris-operator.md §10 #13); here it is `heartbeat_service_port`, which is what Doris listens on.
 */
export function backEndPorts(config: Config): BackEndPorts {
  return {
    webserver: port(config, 'webserver_port', 8040),
    heartbeat: port(config, 'heartbeat_service_port', 9050),
    be: port(config, 'be_port', 9060),
    brpc: port(config, 'brpc_port', 8060),
  };
}

/** Ports of brokers. */
export function brokerPorts(config: Config): BrokerPorts {
  return { ipc: port(config, 'broker_ipc_port', 8000) };
}

/** NaN for what is not a number: check.ts refuses it. */
function port(config: Config, key: string, otherwise: number): number {
  const text = config?.[key]?.trim() ?? '';
  if (text === '') return otherwise;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
