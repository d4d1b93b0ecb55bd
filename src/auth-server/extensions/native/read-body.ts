import express, { type Request, type Response } from 'express';
import type { z } from 'zod';
import { sayMissing } from '../say-missing.ts';
import { NativeError } from './native-error.ts';

const json = express.json({ limit: '100kb' });

/** Throws NativeError that names the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body, { error: sayMissing });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'The body';
  throw new NativeError(400, 'invalid_request', `${field}: ${issue?.message}`);
}

/** A form or text, which any page may send unasked, is no JSON. Throws NativeError. */
export async function readJson(req: Request, res: Response): Promise<void> {
  if (!req.is('application/json'))
    throw new NativeError(400, 'invalid_request', 'Send JSON, with content-type application/json');
  await new Promise<void>((resolve, reject) => {
    json(req, res, (error?: { status?: number }) => {
      if (!error) return resolve();
      const isTooLarge = error.status === 413;
      const sentence = isTooLarge ? 'The body has more than 100 KB' : 'The body is not valid JSON';
      reject(new NativeError(isTooLarge ? 413 : 400, 'invalid_request', sentence));
    });
  });
}
