/** The forms of names in Kubernetes, with what the API server says of one that has not its form; no text when all is well. */
export type NameRule = (name: string) => readonly string[];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const labelForm = new RegExp(`^${LABEL}$`);
const subdomainForm = new RegExp(`^${SUBDOMAIN}$`);
const qualifiedForm = new RegExp(`^${QUALIFIED}$`);
const valueForm = new RegExp(`^(${QUALIFIED})?$`);
const configKeyForm = new RegExp(`^${CONFIG_KEY}$`);

const ALPHANUMERIC = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function explain(what: string, form: string, ...examples: readonly string[]): string {
  return `${what} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${form}')`;
}

const tooLong = (name: string, max: number) => (name.length > max ? [`must be no more than ${max} characters`] : []);

/** RFC 1123 subdomain, at most 253: most kinds. */
export const dnsSubdomain: NameRule = (name) => [
  ...tooLong(name, 253),
  ...(subdomainForm.test(name)
    ? []
    : [
        explain(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          SUBDOMAIN,
          'example.com',
        ),
      ]),
];

/** RFC 1123 label, at most 63: what becomes one part of a host name, as namespaces, services and stateful sets do. */
export const dnsLabel: NameRule = (name) => {
  const long = tooLong(name, 63);
  if (labelForm.test(name)) return long;
  if (subdomainForm.test(name)) return [...long, 'must not contain dots'];
  const what = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...long, explain(what, LABEL, 'my-name', '123-abc')];
};

/** What can be one part of a URL's path: rights are named freely. */
export const pathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`);
};

/** A label's or finalizer's name, with a domain in front of it or not. */
export const qualifiedName: NameRule = (name) => {
  const parts = name.split('/');
  const what = () => explain(ALPHANUMERIC, QUALIFIED, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) return [`a qualified name ${what()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const found: string[] = [];
  const own = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') found.push('prefix part must be non-empty');
    else found.push(...dnsSubdomain(prefix).map((text) => `prefix part ${text}`));
  }
  if (own === '') found.push('name part must be non-empty');
  else found.push(...tooLong(own, 63).map((text) => `name part ${text}`));
  if (!qualifiedForm.test(own)) found.push(`name part ${what()}`);
  return found;
};

/** A label's value. */
export const labelValue: NameRule = (value) => [
  ...tooLong(value, 63),
  ...(valueForm.test(value)
    ? []
    : [explain(`a valid label must be an empty string or consist of ${ALPHANUMERIC.slice(16)}`, `(${QUALIFIED})?`, 'MyValue', 'my_value', '12345')]),
];

/** A key of a ConfigMap or a Secret: it becomes a file's name. */
export const configKey: NameRule = (key) => {
  const long = tooLong(key, 253);
  if (key === '.' || key === '..') return [...long, `must not be '${key}'`];
  if (key.startsWith('..')) return [...long, `must not start with '..'`];
  const what = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  return configKeyForm.test(key) ? long : [...long, explain(what, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name')];
};
