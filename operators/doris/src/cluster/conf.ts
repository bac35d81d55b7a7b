/** Doris configuration files from key-value maps. They replace the image's own file whole. Source: spec/doris-operator.md §2.7. */
type Config = Readonly<Record<string, string>>;

const HEAP = '-XX:MaxRAMPercentage=75 -XX:InitialRAMPercentage=75 -XX:MinRAMPercentage=75';
const JAVA_KEYS = ['JAVA_OPTS', 'JAVA_OPTS_FOR_JDK_9'];

/** fe.conf and apache_hdfs_broker.conf: heap options give way to shares of the container's memory. */
export function javaConf(config: Config): string {
  const lines = lineUp(config, (options) => {
    const kept = options.split(' ').filter((option) => !option.startsWith('-Xss') && !option.startsWith('-Xmx'));
    return `"${[...kept, HEAP].join(' ')}"`;
  });
  if (!lines.some((line) => line.startsWith('JAVA_OPTS='))) lines.push(`JAVA_OPTS="${HEAP}"`);
  return lines.join('\n');
}

/** be.conf: Java options are quoted, nothing else. */
export function nativeConf(config: Config): string {
  return lineUp(config, (options) => `"${options}"`).join('\n');
}

function lineUp(config: Config, java: (options: string) => string): string[] {
  return Object.entries(config)
    .map(([key, value]) => [key.trim(), value.trim()] as const)
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, value]) => `${key}=${JAVA_KEYS.includes(key) ? java(value) : value}`);
}
