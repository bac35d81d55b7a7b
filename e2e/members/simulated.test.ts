import { contract } from './contract.ts';
import { simulatedMachine } from './simulated.ts';

contract('simulated members', '5.5.0', () => simulatedMachine('5.5.0'));
