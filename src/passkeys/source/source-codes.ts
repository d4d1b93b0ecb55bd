import type { ReadinessCode } from '../finding.ts';

export type SourceCode = string;

export const sourceCodes: Record<SourceCode, ReadinessCode> = {};
