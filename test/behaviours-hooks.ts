/** Faults of another program about the hooks of calls, each of which none may have here. Lines as in behaviours.ts. */
export const HOOK_LINES = `
guards look at every call under every mode, autonomous too | peer 7.4.b hooks | contract:hooks | a guard of the flags denies a call under every mode, and the run goes on
an allow rule or an approval skips no guard | peer 7.4 hooks and rules | contract:hook-calls | what a guard asks a person answers, in every mode and against every allow
guards hold in sub-agents, after handoffs and for background jobs | peer 7.4 hooks and chains | contract:hook-chain | a parent's guard holds in a child, after a handoff and for a background job, under every mode
the calls of a command's !tool() are guarded | peer 5.7 commands | contract:hook-chain | a guard hears the calls of a team's commands
what a child allows itself counts no further than its parent would | peer 7.4 own allow | contract:hook-chain | what the hook of a child allows counts no further than its parent would
a hook runs in the folder of its session | peer 5.7 cwd | unit/runtime/hook-commands.test.ts | it runs in the session's folder, or in its own
guards see the arguments that will run, not those before another rewrote them | peer 5.7 rewrites | contract:hook-calls | guards rewrite one after the other, those before look again, and what is approved is what runs
rewriting has an end, and right arguments | peer 5.7 rounds | contract:hook-calls | two guards that rewrite each other end in a deny, and so do arguments that are none and a rule they run into
a decision is told with the source that it had | peer 5.7 sources | contract:hook-calls | permission_request answers what a person would be asked, and the true source of each decision is told
nobody sees a result before the hook that cleans it | peer 5.7 results | contract:hook-calls | a result is exchanged before anybody sees it, and an empty one clears it
a guard that hangs, fails or cannot be read lets nothing through | issue 5.6 | contract:hook-life | a guard that cannot look lets nothing through, and the run goes on
a hook that hangs leaves no process behind | issue 5.6 | unit/runtime/hook-commands.test.ts | one that hangs is ended with all that it started
a guard that the agent edited guards nothing it wants | R17 | contract:hooks | a guard of the team runs where tools act, and one that was edited during the run denies
a hook has one end over a crash, a guard is not skipped | R14 | contract:hook-life | after a restart a guard that was cut runs again under its id, one that follows a call does not
no key reaches a hook | R13 | contract:hook-life | no key is in the environment of a hook, in its arguments, its events or what is kept
`;
