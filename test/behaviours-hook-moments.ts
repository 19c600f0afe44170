/** What hooks at the moments of a run must do, as in behaviours.ts; `peer 5.7` and its neighbours are what docker-agent gets wrong about them. */
export const HOOK_MOMENT_LINES = `
session_start says how the session began, not always "startup" | peer 5.7 | contract:hook-turns | a session that is taken up again, and one that was cleared, say so
session_end and turn_end say why, not always "stream_ended" | peer 5.7 | contract:hook-turns | an interrupt ends its turn as what it is
a compaction is followed by session_start | peer 5.7 | contract:hook-turns | a summary of their own, and session_start after it
a message that a hook blocks ends its run, with its end in the log | peer 7.1 hang | contract:hook-moments | user_prompt_submit stops a message before the model
each moment is told once and in order | issue 5.2 | contract:hook-moments | a run tells each moment once, in order, with true sources and reasons
hooks work where the session is driven | peer 9.3.18 | contract:hook-moments | a run tells each moment once, in order, with true sources and reasons
context for a turn is for that turn | issue 5.2 | contract:hook-moments | that of user_prompt_submit and turn_start is for one turn
messages that a hook exchanges are checked before they are sent | issue 5.2 | contract:hook-moments | before_llm_call sees the messages, may exchange them, and wrong ones stop the run
stop hooks cannot keep a run going for ever | issue 5.2 | contract:hook-moments | stop hooks give it more to do, and not for ever
a hook may veto a compaction or write its summary | issue 5.2 | contract:hook-turns | hooks of a compaction: a word for its prompt, a veto, a summary of their own
agents that take over are told of each way | issue 5.2 | contract:hook-turns | agents that take over are told of, each way, and a sub-agent that ends
on_user_input runs before the question appears | peer 7.4.h | contract:hook-turns | before a question on_user_input runs
redact_secrets holds for sub-agents and under every mode | peer 7.4.b | contract:hook-turns | redact_secrets takes keys out of messages, arguments and results, of sub-agents too
a model call that is made again has the same context of hooks | R22 | contract:hook-restarts | a model call that is made again gets what hooks added, and nothing is told twice
session_start does not run on each recovery | R14 | contract:hook-restarts | a model call that is made again gets what hooks added, and nothing is told twice
http_post goes the one way out | R17 | contract:hook-turns | http_post reaches no private address
hooks of a project wait for a yes | R8 | unit/cli/project.test.ts | hooks of a project hold the run until the yes, or are left out
flags of hooks go to a server as they count here | peer 4.2 | unit/cli/flags.test.ts | gather per event, in the form of a team file, here and yonder`;
