import type { MatchCondition } from '@binnacle/client/kinds';
import { RuleError, duplicate, invalid, required, tooMany } from '@binnacle/schema';
import type { AdmissionCompiler, AdmissionExpression, AdmissionValues, FieldError } from '@binnacle/schema';
import { qualifiedName } from '../../objects/names.ts';
import { list, record, text } from '../object.ts';

/** Conditions of a webhook or policy beyond its rules, each of which has to hold. */
export interface Conditions {
  /** Whether it is to be asked. @throws {Error} when none says no, and one has no value. */
  hold(values: AdmissionValues): boolean;
}

/** Source: the real server's validation. */
const MOST = 64;

/** What is wrong with conditions that are about to be stored; `at` is their path. */
export function conditionErrors(conditions: unknown, compiler: AdmissionCompiler, at: string): readonly FieldError[] {
  const all = list(conditions).map(record);
  const names = all.map(({ name }) => text(name) ?? '');
  return [
    ...(all.length > MOST ? [tooMany(at, all.length, MOST)] : []),
    ...all.flatMap(({ expression }, index) => {
      const name = names[index]!;
      const where = `${at}[${index}]`;
      return [
        ...expressionErrors(compiler, text(expression)?.trim() ?? '', `${where}.expression`),
        ...(name === '' ? [required(`${where}.name`)] : qualifiedName(name).map((wrong) => invalid(`${where}.name`, name, wrong))),
        ...(name !== '' && names.indexOf(name) < index ? [duplicate(`${where}.name`, name)] : []),
      ];
    }),
  ];
}

function expressionErrors(compiler: AdmissionCompiler, expression: string, field: string): readonly FieldError[] {
  if (expression === '') return [required(field)];
  try {
    compiler.compile(expression, ['bool']);
    return [];
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return [invalid(field, expression, error.message)];
  }
}

/** Conditions that were stored, and so compile. */
export function conditionsOf(conditions: readonly MatchCondition[], compiler: AdmissionCompiler): Conditions {
  const compiled: readonly AdmissionExpression[] = conditions.map(({ expression }) => compiler.compile(expression.trim(), ['bool']));
  return {
    hold(values) {
      const context = compiler.bind(values);
      const failures: Error[] = [];
      for (const condition of compiled) {
        try {
          if (condition(context) === false) return false;
        } catch (error) {
          failures.push(error as Error); // an expression throws nothing else
        }
      }
      if (failures.length === 0) return true;
      const messages = failures.map(({ message }) => message);
      throw new Error(messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`, { cause: failures[0] });
    },
  };
}
