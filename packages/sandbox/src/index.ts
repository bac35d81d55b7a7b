export type { Container, Image, PodNetwork, Program } from './program.ts';
