import type { Backend, Runtime } from '../../protocol/backend.ts';
import type { InputMessage } from '../../protocol/contract/payloads.ts';
import type { Composer } from './composer.ts';

/**
 * The Backend as a command line uses it: a message that is sent takes along the files that its text names. They are of this machine (R17): a folder
 * `elsewhere` says nothing about where they are.
 */
export function withFiles(
  backend: Backend,
  composer: Composer,
  { elsewhere }: { elsewhere: boolean },
): Backend {
  return {
    ...backend,
    async createSession(context, request) {
      const answer = await backend.createSession(context, request);
      if (!elsewhere) composer.workingDir = answer.session.working_dir;
      return answer;
    },
    session: (session_id) => runtimeWithFiles(backend.session(session_id), composer),
  };
}

function runtimeWithFiles(runtime: Runtime, composer: Composer): Runtime {
  const composed = (messages: readonly Pick<InputMessage, 'content'>[]): Promise<InputMessage[]> =>
    Promise.all(messages.map((message) => composer.compose(message.content)));
  return {
    ...runtime,
    run: async (context, request) =>
      runtime.run(context, { ...request, messages: await composed(request.messages) }),
    steer: async (context, request) =>
      runtime.steer(context, { ...request, messages: await composed(request.messages) }),
    followUp: async (context, request) =>
      runtime.followUp(context, { ...request, messages: await composed(request.messages) }),
  };
}
