import { z } from 'zod';
import { usageSchema } from '../message.ts';
import { durable } from './declare.ts';

/** What a model call beside the conversation took. `cost` in US dollars; absent when the price is not known. */
const spent = {
  model: z.string().optional(),
  usage: usageSchema.optional(),
  cost: z.number().optional(),
};

/** Answers of a model beside the conversation: nothing of them is a message, and all of them count. */
export const besideEvents = {
  session_title: durable('The session has a title; what it cost where a model made it.', {
    title: z.string(),
    ...spent,
  }),
  session_summary: durable('A summary stands in for the messages before it.', {
    summary: z.string(),
    first_kept_entry: z.number().optional(),
    first_kept_message: z.string().optional(),
    played: z.array(z.number()).optional(),
    ...spent,
  }),
  model_sample: durable('A tool asked the model beside the conversation (R24); what that cost.', {
    tool_call_id: z.string(),
    played: z.array(z.number()).optional(),
    ...spent,
  }),
} as const;
