import { isRecord } from '../object.ts';

/** One step into a value: all values it leads to. */
type Step = (value: unknown) => readonly unknown[];

/**
 * Makes a function of the JSON paths that printer columns use: `.spec.size`, `.metadata.annotations.a\.b`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.spec.list[0]`, `.spec.list[*].name`, `['key']`. Answers all values found, none when a step leads nowhere or the path is not understood.
 */
export function jsonPath(path: string): (value: unknown) => readonly unknown[] {
  const steps = parse(path.replace(/^\{|\}$/g, ''));
  return (value) => (steps === undefined ? [] : steps.reduce<readonly unknown[]>((values, step) => values.flatMap(step), [value]));
}

const TOKEN =
  /^(?:\.((?:\\.|[^.[\]\\])+)|\[(\d+)\]|\[\*\]|\['((?:\\.|[^'\\])*)'\]|\["((?:\\.|[^"\\])*)"\]|\[\?\(@\.((?:\\.|[^=!<>()\s\\])+)\s*(==|!=)\s*("[^"]*"|'[^']*'|[^)]+)\)\])/;

function parse(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = path.startsWith('.') || path.startsWith('[') ? path : `.${path}`;
  while (rest !== '' && rest !== '.') {
    const match = TOKEN.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    const [, field, index, quoted, doubled, inner, operator, literal] = match;
    const key = field ?? quoted ?? doubled;
    if (key !== undefined) steps.push(key === '*' ? all : entry(key.replace(/\\(.)/g, '$1')));
    else if (index !== undefined) steps.push((value) => (Array.isArray(value) && value.length > Number(index) ? [value[Number(index)]] : []));
    else if (inner !== undefined) steps.push(filter(jsonPath(`.${inner}`), operator!, literal!.trim()));
    else steps.push(all);
  }
  return steps;
}

const entry =
  (key: string): Step =>
  (value) =>
    isRecord(value) && Object.hasOwn(value, key) && value[key] !== null ? [value[key]] : [];

const all: Step = (value) => (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []);

function filter(read: (value: unknown) => readonly unknown[], operator: string, literal: string): Step {
  const wanted = /^["']/.test(literal) ? literal.slice(1, -1) : literal;
  return (value) => (Array.isArray(value) ? value.filter((item) => read(item).some((found) => String(found) === wanted) === (operator === '==')) : []);
}
