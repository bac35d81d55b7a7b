import type { ConfigMap, Container, Volume } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsOf } from '../names.ts';
import { imageOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { accountEnv, queryPortEnv } from './entry.ts';
import { META_PATH, META_VOLUME } from './storage.ts';
import { TRUSTED_PATH, tlsVolume } from './tls.ts';

/** Name of the ConfigMap that remembers a cluster's birth, and of the container that reads it. */
export const bornName = (cluster: string): string => `${cluster}-born`;
export const BORN_CONTAINER = 'born-once';
const ID_KEY = 'cluster-id';
const BORN_PATH = '/etc/doris-born';

/**
 * That the cluster was born, and as which. Without an owner, as the account's Secret and the volumes: who makes the DorisCluster anew over its old volumes
 * goes on with that very cluster. Whoever deletes the volumes on purpose deletes this too.
 */
export const bornRecord = (cluster: Cluster, clusterId: string): Desired<typeof ConfigMap> => ({
  name: bornName(cluster.name),
  labels: labelsOf(cluster.name, ''),
  data: { [ID_KEY]: clusterId },
});

/** The cluster id in such a record. */
export const bornAs = (record: { readonly data?: Readonly<Record<string, string>> } | undefined): string | undefined => record?.data?.[ID_KEY];

export const bornVolume = (cluster: Cluster): Volume => ({ name: 'born', configMap: { name: bornName(cluster.name), optional: true } });

/**
 * Runs before every front end. Ordinal 0 with an empty volume that sees nobody starts a new cluster, in both families of images; here it waits instead,
 * once the cluster was born, until the others answer (spec/doris-operator.md §10 #11, spec/doris-field-notes.md §2.4). Restarting into an old volume
 * passes at once: also when all front ends start together, as after a suspension.
 */
export const bornOnce = (cluster: Cluster): Container => ({
  name: BORN_CONTAINER,
  image: imageOf(cluster, 'fe'),
  command: ['/bin/sh', '-c', bornScript(cluster)],
  env: [...accountEnv(cluster, 'fe'), queryPortEnv(cluster)],
  volumeMounts: [{ name: META_VOLUME, mountPath: META_PATH }, { name: 'born', mountPath: BORN_PATH }, ...tlsVolume(cluster).mounts],
});

const BEGIN = `[ -s ${BORN_PATH}/${ID_KEY} ] || exit 0
[ -e ${META_PATH}/image/ROLE ] && exit 0
case "$(hostname)" in *-0) ;; *) exit 0 ;; esac
echo "this cluster exists already, and the metadata volume is empty: waiting for another front end"
`;

// The password in the environment of one command: in its arguments everybody on the node could read it.
const ask = (host: string, options: string) =>
  `MYSQL_PWD="$ACC_PWD" timeout 15 mysql ${options}--connect-timeout 2 -h ${host} -P "$FE_QUERY_PORT" -u "$ACC_USER" --skip-column-names --batch -e 'SHOW FRONTENDS'`;
const IN_CLEAR = ask('"$FE_SVC"', '');

/** The script, for `sh -c`. */
export function bornScript(cluster: Cluster): string {
  const { tls } = cluster.spec.fe ?? {};
  if (tls === undefined) return `${BEGIN}until ${IN_CLEAR} | grep -qw true\ndo sleep 2\ndone\n`;
  // Front ends that ask for a certificate are given none here: their pods do not have the operator's.
  if ((tls.clientSecretName ?? '') !== '')
    return `${BEGIN}echo "asking in clear: this pod has no certificate for clients"\nuntil ${IN_CLEAR} | grep -qw true\ndo sleep 2\ndone\n`;
  return `${BEGIN}${overTls(`"$FE_SVC.${cluster.namespace}.svc.cluster.local"`)}`;
}

/**
 * MySQL's client knows one of the two options that verify, MariaDB's the other; `loose` makes each pass over its unknown one. One that offers no TLS yet, while it comes to
 * front ends one by one, is asked in clear: there may be no other, and whoever started before takes that.
 */
const overTls = (host: string) => `while :
do
  said=$(${ask(host, `--ssl-ca=${TRUSTED_PATH} --loose-ssl-mode=VERIFY_IDENTITY --loose-ssl-verify-server-cert `)} 2>&1) && echo "$said" | grep -qw true && exit 0
  case "$said" in *"SSL is required"*)
    echo "the front end that answers offers no TLS yet: asking in clear"
    ${IN_CLEAR} | grep -qw true && exit 0
  esac
  sleep 2
done
`;
