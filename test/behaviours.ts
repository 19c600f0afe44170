import { HOOK_MOMENT_LINES } from './behaviours-hook-moments.ts';
import { HOOK_LINES } from './behaviours-hooks.ts';
import { MCP_LINES } from './behaviours-mcp.ts';
import { REMOTE_LINES } from './behaviours-remote.ts';

/**
 * What the runtime must do, a line each: what | where that comes from | the file of its test | the test's name, or a part of it. Files
 * beginning with `contract:` are behaviours of the contract suite, which run in both arms. `peer` numbers are the faults of other
 * programs that are on record, by their place in the list: none of them may occur here.
 */
const LINES = `
a model that is slow but not silent is never cut by a total time | peer 0.3 | unit/model/failures.test.ts | a slow model is not silent
events of more than 64 KiB reach a reader whole | peer 1.2.1 | contract/client-cuts.test.ts | with events of more than 64 KiB, in their middle
a second turn has the history of the first once | peer 1.2.2 | contract:runs | a second turn has the first one once, and nothing else
pictures of a run's message reach the model | peer 1.2.3 | contract:content | an image reaches the model, and its bytes can be fetched from the session
all that shapes a session goes with its creation | peer 1.2.4 | contract:creation | a session begins with its settings as the first event
prompt files of the client reach the model | peer 1.2.4 | contract:content | prompt files of the client reach the model as part of the instructions
a client can send its token | peer 1.2.5 | unit/client/ | the token goes in its header, the key with what changes something, fields in the body
an error keeps code and words on its way | peer 1.2.6 | unit/protocol/ | keeps code, message, retryable and details
routes are words, never names of files | peer 1.2.7 | unit/protocol/ | routes and methods are each used once, and each part of a route is a word
a stream that drops goes on, and counts anew after each success | peer 1.2.8 | unit/client/ | after a cut it goes on behind the last event that was dealt with, and says so
a stream that never opened is an error at once | peer 1.2.8 | unit/client/ | a stream that never opened is an error at once
sessions are listed and searched in every place alike | peer 1.2.9 | contract:sessions | sessions are listed newest first, in pages
a mode that is set counts where the run is | peer 1.2.10 | contract:inputs | a mode that is set counts from the next call on
events of unknown types are passed on | peer 1.2.11 | unit/protocol/ | unknown types and fields are passed on, at every depth
whole messages and those of sub-agents are in the log | peer 1.2.13 | contract:agents | a sub-agent works inside the log of the root
open sessions hold neither handles nor children | peer 2.4.1 | faults/leaks.test.ts | many sessions in one process leave neither handles nor children
a busy session refuses a second run, and takes nothing of it | peer 2.4.2 | contract:runs | a session with a live run is busy, and says with which
a reader that goes away ends nothing | peer 2.4.3 | contract:interrupts | a reader that goes away ends nothing
an interrupt is an operation of its own | peer 2.4.3 | contract:interrupts | a model call that hangs is ended, and the run is canceled
a reader that leaves in the middle of a burst wedges nothing | peer 2.4.4 | unit/server/ | a reader that leaves ends its stream, not the run
messages of one call enter together, each kept | peer 2.4.5 | contract:runs | several messages of one call enter one run together
deleting a session ends the run that is live now | peer 2.4.6 | contract:sessions | a session that runs is ended by its deletion, and its readers are told
a title never races the end of a run | peer 2.4.7 | contract:sessions | a title is the first 50 characters until one is given
models can be switched in every place | peer 2.4.8 | contract:inputs | a model that is set is called, and the empty word resets it
the user's rules count in every place | peer 2.4.8 | unit/decisions/fold.test.ts | the first with a match decides
an answer names its question | peer 2.4.9 | contract:answers | an unknown question is not found, and an answer of another kind does not fit
a working folder is judged before a session begins | peer 2.4.10 | contract:creation | a working directory that is not there, is a file or is relative is refused
whose input starts a run, the session is busy for all | peer 2.5.1 | faults/two-processes.test.ts | of two processes that send a run at once, one is told which run and process is busy
a steer to an idle session starts a run | peer 2.5.2 | contract:inputs | a steer to an idle session starts a run, and says so
a follow-up to an idle session starts a run | peer 2.5.2 | contract:inputs | a follow-up to an idle session starts a run too
each session is its own, whatever another one does | peer 2.5.3 | contract:streams | a run that does not exist is no_run
a session is there before its first message | peer 2.5.4 | contract:creation | a session begins with its settings as the first event
a reader that falls behind loses nothing durable | peer 2.5.5 | unit/runtime/previews.test.ts | a reader that falls a thousand events behind goes back to the stored log
a server's team needs nothing sent, and no name where it is the only one | issue 4.2 | contract:served | where one team is served it needs no name
a team that was read again is that of new sessions | R22 | contract:served | a session keeps its own
every session of a server plays its cassette, unless it brings one | issue 4.2 | contract:served | every session of a server plays its cassette
idle sessions are let go and go on from their logs | issue 4.2 | contract:serving-life | is let go, and goes on from its log
a server that ends cuts no tool, and asks the model nothing more | issue 4.2 | contract:serving-life | a tool that runs is let end
a server goes on with runs of servers alone | R11 | contract:serving-life | a server goes on with runs of servers alone
what was interrupted stays so over a restart | R7 | contract:serving-life | an interrupt that was accepted before the end holds after it
variables that lived in memory are asked for by name | issue 4.4 | contract:serving-life | a run whose variables lived in memory waits for them
a sign-in is a question of its own kind, answered by the client that took it, here and yonder | R31 | contract:sign-ins | a server that wants a sign-in is one question
a sign-in works with a client that is registered already | R31 | unit/tools/mcp/oauth.test.ts | a client that the team names signs in with its id and secret
a token that is refused is renewed once, and a code counts once | R31 | unit/tools/mcp/oauth.test.ts | an expired token is renewed once, by whoever is first
a server that demands for ever is asked a bounded number of times | R31 | contract:sign-ins | is not asked for ever
a redirect of an MCP server leads to no private address | R17 | unit/process/egress/streaming.test.ts | a private address is refused unless it may be, and a redirect to one always
a server is never open | issue 4.2 | unit/cli/serve/serve-api.test.ts | without a token one is made, shown once, and asked for
who connects late gets the whole history | peer 2.5.6 | contract:streams | a log is replayed from any cursor, says that it has caught up
every run has exactly one end, that of a refused start too | peer 7.1 | faults/kill.test.ts | goes on to one whole end
a deny holds under every mode | peer 7.4.a | contract:answers | a deny rule holds under every mode, and changes no count of refusals
an allow takes away neither a deny nor a required question | peer 7.4.b | unit/decisions/fold-properties.test.ts | adding an allow never removes a required ask or a deny
a rule of the session never beats a deny of the team | peer 7.4.c | unit/decisions/fold-properties.test.ts | a deny is never outvoted: nothing that is added takes it away
an allow of ls allows nothing behind it | peer 7.4.d | unit/decisions/ | these attempts would really run something else
a star in a deny crosses slashes | peer 7.4.d | unit/decisions/shell-deny.test.ts | a star in a deny crosses slashes and letters of either case
background jobs are judged as shell lines | peer 7.4.e | contract:jobs | a rule about shell lines binds background jobs too
sub-agents have the denies of their parents | peer 7.4.f | contract:agents | denies of the root hold in its sub-agents
questions of a sub-agent are answered by their id | peer 7.4.g | contract:agents | a question of a sub-agent is found and answered at the root
an answer that comes early or twice is settled by its row | peer 7.4.h | contract:answers | of two answers at once one wins, and the other hears which
a stream resumes from the cursor that it was opened with | peer B.1 | unit/client/ | after a cut it goes on behind the last event that was dealt with
a cursor moves after its event was dealt with | peer B.2 | contract/client-cuts.test.ts | after every event: each durable event once
a cursor of another log, or of another person's, leads nowhere | peer B.3 | contract:principals | a session of somebody else is not found, whatever is asked of it
nothing slips between replay and live | peer B.4 | contract:streams | replay goes over into live without a gap or a repeat
a cursor ahead of the log is an error with the head | peer B.5 | contract:streams | a cursor ahead of the log is expired, with the head
numbers are dense, whoever writes | peer B.6 | unit/session/property.test.ts | whatever happens, numbers are dense and each step is in the log once
a slow reader holds back its own stream alone | peer B.7 | unit/server/ | a slow reader holds the source back, gets no pile of heartbeats, and lacks nothing
a fault of ours is never said to be the caller's | peer B.8 | unit/runtime/log-failure.test.ts | a fault of ours in a drive is internal, to the caller and to the readers
any cut of a stream's bytes gives the same events | peer B.9 | contract/client-cuts.test.ts | in the middle of an event, and of a character
closing ends waits and is fine twice | peer B.10 | unit/client/ | abort ends the stream without an error and lets go of the connection
an owner is dead by its lock, never by a clock | R1 | unit/session/leases.test.ts | a stopped owner is alive and goes on; a killed one is dead at once
a text is seen from its beginning, once | R2 | contract:streams | a reader who comes in the middle of a text gets it from its beginning, once
each tool says what it does in one table | R3 | unit/tools/arguments.test.ts | the tool table, whole (R3); what is built agrees with it
a team that was found does nothing before a yes | R4 | e2e/bad-input/trust.test.ts | a found team that wants a variable: 3 without a person, whatever --yolo says
what a chain of agents denies holds at its end | R5 | unit/decisions/fold.test.ts | rules of the chain deny and ask, and never allow
what was acknowledged is kept | R6 | faults/acknowledged.test.ts | each input that it acknowledged is in the log or in the inbox
a run ends only when no input waits | R7 | unit/session/log.test.ts | ends only when no input waits, in one commit
allow rules of an untrusted team do not count | R8 | e2e/bad-input/trust.test.ts | a found team with allow rules alone starts without them, and says so
sub-agents live in the log of their root | R9 | contract:agents | a sub-agent works inside the log of the root
who asks is part of every request | R10 | contract:principals | who lacks the scope is forbidden, and hears which
a run is recovered by who asks for it, once | R11 | faults/two-processes.test.ts | while the owner is stopped a second process follows and nothing is done twice
files that govern are asked about in every mode | R13 | unit/decisions/fold.test.ts | are written after a required ask, in every mode and under every other rule
a question is asked again under its id after a kill | R15 | faults/cut-inputs.test.ts | a question is asked again under its id as often as its process is killed, and can be answered
a form waits for whoever comes late | R15 | contract:forms | who comes late sees the form that waits, and the second answer hears the first
an approval is for the definition that was shown | R16 | unit/decisions/fold.test.ts | an approval counts for the definition that it was given for
what a request asks for and nobody built is refused by name | R17 | contract:creation | what the request asks for and nobody built is refused by name
a repeat under one key is the first outcome | R18 | contract:runs | a repeated run is the same run, streamed from its first event
a command outlives its Host and is found again | R19 | unit/runner/commands.test.ts | a spooled command outlives its Host: it is attached again, with all its output
a steer enters before a model call and nowhere else | R20 | contract:inputs | a steer enters only before a model call, behind the results of the turn
a line that a deny cannot judge is asked about | R21 | unit/decisions/shell-deny.test.ts | is asked about, whatever the mode
a resumed run is the same run under the same rules | R22 | faults/built-cli.test.ts | goes on with
a step that is appended twice is there once | R23 | unit/session/log.test.ts | appended twice returns its first events and changes nothing else
an answer makes the rule that it showed and no other | R25 | contract:answers | a rule that the question did not offer is not made
open texts have a bound | R27 | unit/runtime/previews.test.ts | the whole session holds at most 16 MiB of open texts
results are recorded as they come, and ordered for the model | R28 | contract:runs | the transcript has results in the order of their calls, whichever came first
versions are agreed on before the first request | R29 | unit/client/ | the version is asked for once, and first
a blob belongs to its session | R30 | contract:content | a blob of one session is not one of another
no key leaves the process | R30 | contract:secrets | a key that a tool prints is in no event, preview, file of the store or request to the model
a read leaves no statement open | R35 | unit/session/contents.test.ts | many reads and writes leave no statement open: the WAL shrinks again
a store on a network file system is refused | R35 | unit/session/open.test.ts | a network file system, before anything is made
only durable events have an id | R36 | contract:streams | Last-Event-ID beats after, and only durable events have an id
a fork begins at the end of a turn, under new ids | R37 | contract:forks | a fork begins with what was said up to the end of a turn, under new ids
a summary deletes nothing | R37 | contract:limits | compaction puts a summary in the place of what came before, and deletes nothing
a failed summary is an error | issue 3.4 | contract:limits | a compaction that fails is an error and never a summary
two agents never lose an edit to each other | R38 | unit/runner/paths.test.ts | two agents that read, then write the same file: one is told, no edit is lost
an older Host that lives forbids a migration | R39 | unit/session/migrate.test.ts | a living Host of the older schema forbids the step, naming it
what a local caller sees is what a remote one would | R40 | contract:sessions | answers are frozen and whole, and events are texts
every input reaches a live run from another process, in order, with who sent it | issue 3.3 | faults/two-processes.test.ts | everything that can be sent to a live run reaches it from a second process
a full queue is refused with its kind, limit and depth | issue 3.9 | contract:inputs | the 21st follow-up is refused with kind, limit and depth
a pause twice is one, and says so | issue 3.9 | contract:inputs | a pause that holds already changes nothing, and says so
a session may begin under a name of one's own | peer 1.2.12 | contract:own-ids | a session may be given an id, in a form that no prefix of another has
what was said is found by its words, which are no syntax | issue 3.6 | contract:search | a query is words: quotes make a phrase, and nothing is syntax
a fork outlives its source, with its files | issue 3.6 | contract:forks | files go along and outlive the source
nothing in a transcript becomes markup of its HTML export | issue 3.6 | contract:exports | as HTML it is one page in which all that was said is text
an export holds cost and time of each turn | issue 3.6 | contract:exports | as JSON it has everything, with cost and time of each turn
a budget warns once and ends the run | issue 3.1 | contract:budgets | a budget of tokens is warned about at 80 %, once, and ends the run before the next call
one budget holds for the tree | issue 3.5 | contract:budgets | one budget holds for the tree, and a resume with a higher one goes on
a person's own command is heard by the agent | issue 3.6 | contract:own-shell | a steer that comes while it runs is heard by the agent afterwards
a person's own command ends with all that it started | issue 3.6 | contract:own-shell | an interrupt ends it with all that it started
what comes while a session is compacted is taken after it | issue 3.4 | contract:while-compacting | a steer and a follow-up that come while a person has the session compacted
flags of a resume hold, whoever still works on the session | R11 | contract:resumes | a resume that comes while another process still finishes its work there waits
an input that comes during a resume waits for it | R7 | unit/runtime/drive.test.ts | what comes while something is done in the place of a drive is taken after it
every question that waits is counted | R15 | unit/runtime/waiting.test.ts | of questions that are put and resolved at once, the row of the session counts each
a deleted session leaves nothing behind | issue 3.6 | contract:jobs | deleting a session leaves nothing of it
an interrupt of what is idle is no error | issue 3.9 | contract:interrupts | an idle session was not running, which is no error
an answer of the wrong kind consumes nothing | issue 3.9 | contract:forms | an answer that does not fit names its field, and consumes nothing
an answer to another session finds no question | issue 3.9 | contract:forms | an answer to a question of another session is not_found
a form that cannot be shown has words | issue 3.9 | contract:forms | a form that cannot be shown is mended by the model, and nobody is asked
a form that finds nobody is counted, and no silent end | issue 3.3 | contract:forms | where nobody can be asked the form is refused, counted and said
a form waits over a restart | R15 | contract:forms | a form waits over a restart, and its answer is told once
every further session is built as the first | issue 3.3 | unit/cli/second-session.test.ts | /new after
tokens of servers are kept for their owner alone and shown never again | issue 4.4 | unit/cli/remote/remote.test.ts | names are kept with their tokens, which are shown never again
files are read and written here, tools act there | R17 | unit/cli/remote/remote.test.ts | the whole way: over a socket, by a name, with files here and work there
a socket of somebody else gets nothing | issue 4.2 | unit/cli/remote/remote.test.ts | a socket that others can reach, or put there, is not spoken to
files that a team names travel with it, secrets never | issue 4.3 | unit/cli/remote/remote.test.ts | files that the team names travel with it, but none that may hold secrets
a run goes through ssh, and its way ends with it | issue 4.4 | unit/cli/remote/ssh.test.ts | a run goes through the system ssh to a socket there, and the way ends with it
a page of another site runs a team where it is allowed | issue 4.3 | unit/client/program.test.ts | the same in a browser, on a page of an origin that the server allows
a file that the model cannot take begins no session | issue 3.9 | contract:attachments | what the first messages will bring is refused with the session itself
a file that is missing, too long, a folder, a pipe or a secret is refused with words | issue 3.9 | unit/cli/attach/composer.test.ts | --attach of what is
a file of no use to the model is named, and the session goes on | issue 3.9 | contract:attachments | a PDF goes to a model that takes it, and is refused for one that does not, before any call
a prompt file is never cut in silence | issue 3.4 | contract:content | one that is missing or is cut is a warning
files and forms work on a terminal | issue 3.4 | e2e/live-inputs.test.ts | files that are named or pasted in a conversation go along
an answer from a second terminal is told to the first | issue 3.3 | e2e/live-inputs.test.ts | an approval and the limit of calls are answered, and the first is told
what another process had sent does not come onto this line | issue 3.3 | unit/cli/conversation/live-inputs.test.ts | Esc interrupts the run, and what was queued is on the line again
a planted key is in nothing that a run leaves behind | issue 3.4 | e2e/planted-keys.test.ts | a planted key is in no file, argument or variable of a child
a key in pieces is found across their borders | issue 3.4 | contract:secrets | a key that a model says in pieces of any size
a key in the words of an error stays inside | issue 3.4 | contract:secrets | a key in the words of an error is in no event
calls and their results are summarised together | issue 3.4 | contract:compaction | calls and their results stay on one side
what was just said is never summarised | issue 3.4 | contract:compaction | what a person has just said stays as it was said, however long
a summary survives a resume and is paid for | issue 3.4 | contract:compaction | its cost is counted, and it is there after a resume
calls that are written as text are made | issue 3.4 | contract:written-calls | a call that an open model writes as text is made
old results are cut for the model and kept in the log | issue 3.4 | contract:compaction | old results of tools are cut, the newest stays whole
a fork in the middle of a turn is refused | issue 3.9 | contract:forks | in the middle of a turn it is refused, naming the nearest ends
the commands about sessions say what they lack | issue 3.6 | unit/cli/keep-sessions.test.ts | each command says what it lacks, with exit code 2
every command of the conversation is typed on a terminal | issue 3.7 | e2e/conversation-commands.test.ts | each command, typed on a real terminal in one conversation
twenty-five transcripts are the same in both arms | issue 3.7 | contract/transcripts.test.ts | there are more than twenty-five
tools see nothing of the world but their context, which is whole | R24 | types/tool-context.ts | Unnamed
a tool that calls another one is judged and recorded as the model is | R24 | contract:tool-context | a tool has another one act: judged, recorded and answered, and no message of the conversation
a tool that is run again gets what its calls gave, and repeats none | R23 | contract:tool-context | over a restart a tool that is run again is given what its calls gave, and what waited is still asked about
what a tool asks the model counts, and ends with the budget | R24 | contract:tool-context | a tool asks the model beside the conversation, and what that costs counts
a secret that a tool resolves leaves the process nowhere | R30 | contract:tool-context | a tool gets a secret by its name, and nobody who reads the session does
what a recording was asked for is not given twice, over restarts and side by side | R22 | contract:cassette-cuts | tasks side by side whose requests are the same, tried again and cut anywhere, play each recorded answer once
what a failed compaction played is not given again | R22 | contract:cassette-cuts | the answers that a failed compaction was given are not given again after a restart
pages are asked about, a site at a time | issue 3.5 | contract:fetch | a page is asked about, with a rule for its site, and the rule lets the next one through
a redirect leads past no deny | issue 3.5 | contract:fetch | a deny rule binds every spelling of a place, and each redirect
one page that fails takes none of the others with it | issue 3.5 | contract:fetch | several pages of one call are given in their order, with what failed in its place
the built-in team reads the web only when somebody says yes | issue 3.5 | contract:fetch | the built-in team may read pages, and is asked about each
a background job outlives its turn and ends with its session | issue 3.5 | contract:jobs | a background job outlives its run, is seen in the next one, and ends with the process that owns the session
a background job is found again by the next process | R19 | contract:jobs | with keep_jobs a job goes on when its process ends, and the next one finds it and its end
an interrupt ends background jobs only where it says so | issue 3.5 | contract:jobs | an interrupt leaves background jobs alone unless it includes them, also when nothing runs
a shared list is one for the tree, and is kept | issue 3.5 | contract:todo | a shared todo list is one for an agent and its sub-agents, and is there after a restart
a list that is not shared is one agent's own | issue 3.5 | contract:todo | a todo list that is not shared is the own one of each agent
tasks of one turn run together | issue 3.5 | contract:side-by-side | tasks of one turn run together: both ask at once, results are recorded as they come and shown in the order of the calls
tasks that could change the same files never run together | R38 | contract:side-by-side | tasks for agents that can change files or run commands are done one after the other
an interrupt ends the whole tree | R7 | contract:side-by-side | an interrupt reaches every task that runs
one limit of calls holds for the tree, and is asked about once | issue 3.5 | contract:side-by-side | the limit of model calls is one for the whole tree, and asked about once
tasks that were cut go on together | R22 | contract:side-by-side | tasks that were cut side by side go on side by side
two sub-agents side by side survive a kill at any event | issue 3.7 | faults/kill.test.ts | TOGETHER
programs that run their arguments are no way past a rule | R21 | unit/decisions/shell-attempts.test.ts | a program that a person allowed with all its arguments runs no other by them
what a person takes back goes, files and messages, and again | issue 3.5 | contract:undo | undo takes back the files and the messages of the last exchange, again and again
an undo or reset deletes nothing of the log | R37 | contract:undo | nothing of the log is deleted: an event says by message id what no longer counts
an undo never takes along what somebody else did | R38 | contract:undo | what somebody else changed since is not touched: nothing is
a write never goes over what somebody else made of a file since it was read | R38 | contract:undo-together | a file that somebody else changed since it was read is not written over, in a later run too
an undo of one session leaves another's work alone | R38 | contract:undo-together | undo of one never takes the other's work along
a reset leads to any snapshot or message | issue 3.5 | contract:undo | reset goes to a snapshot, to a message, or to the beginning
an undo goes back across a compaction | R37 | contract:undo-limits | an undo goes back across a compaction: the model sees what it summarised again
a fork takes back what it did itself, and no more | R37 | contract:undo-limits | a fork cannot undo turns from before it; the session that made them can
a turn without a snapshot is not taken back by guessing | issue 3.9 | contract:undo-limits | no undo crosses a turn of which there is no snapshot, and it says what to do
a killed undo is finished, once | R37 | faults/undo-killed.test.ts | an undo that is killed in the middle is finished by the next, once, and the log says so
a full disk costs a snapshot, not the run | issue 3.9 | unit/runtime/snapshots.test.ts | a full disk is a fault in words, and what was kept before stays whole
a resumed session keeps its snapshots as they were | issue 3.5 | unit/cli/resumed-snapshots.test.ts | snapshots of a resumed session where
a transcript says where something was taken back | R37 | unit/cli/transcript.test.ts | what was taken back stands where it was, for people and for programs
an edit is a conflict when another process was there in between | R38 | unit/tools/other-process.test.ts | an edit in a file is a conflict when another process
no path leads the file tools out of the workspace | issue 3.7 | unit/tools/path-attacks.test.ts | path attacks get what the table says, and touch nothing outside
no race leads the file tools out of the workspace | issue 3.7 | unit/tools/path-races.test.ts | while another process exchanges folders, files, links and pipes, nothing outside is read or touched
the price is that of the model that answered | peer 7.7 | contract:fallback | a refusal goes to the next model at once, whose price is the one that is counted
a stream that fails after a part of its text shows nothing twice | peer 7.7 | contract:fallback | what a failed attempt had shown is void, and nothing of it is doubled
a cooldown holds over a restart | R22 | contract:fallback | the fallback that answered is asked at once until the cooldown is over, in another process too
requests through a gateway say where they were meant to go, and bring no key | issue 3.1 | contract:gateway | requests go to the gateway, which is told where they were meant to go, and no key is needed
a gateway that answers a page has words | issue 3.9 | contract:gateway | a gateway that answers HTML ends the run with words
any model of a declared provider can be set or named | issue 3.1 | contract:model-names | a model that the team does not declare, of a provider that it does, can be set and named
a model that is set later goes where the team says | issue 3.1 | contract:model-names | a model that is set later goes where the team says that its provider is
a budget warns at 80 % and ends before the next call | issue 3.1 | contract:budgets | a budget of tokens is warned about at 80 %, once, and ends the run before the next call
a file that the model cannot take is refused before any call | issue 3.1 | contract:attachments | a PDF goes to a model that takes it, and is refused for one that does not, before any call
calls written as text count where they were meant so alone | issue 3.4 | contract:written-calls | such a text in a code fence is shown and not carried out
providers are read as they really write | issue 3.1 | unit/model/recorded-shapes.test.ts | Gemini ends a turn of calls with STOP, gives calls no id, and counts thoughts and cache apart
a helper is asked for the key that is needed and for no list | issue 3.2 | unit/config/credentials/credentials.test.ts | a glance asks no helper, and says of which keys only that could know
a team that changes between load and run does not run | issue 3.9 | contract:url-teams | a team that changed between load and run is a conflict, and no session is made
a redirect to a private address is refused, and says from where | issue 3.9 | e2e/bad-input/url-teams.test.ts | to which https://models.test/team.yaml redirects, is refused
a name that answers otherwise the second time leads nowhere | issue 3.9 | unit/process/egress/egress.test.ts | what it says later leads nowhere (DNS rebinding)
files of all versions mean the same | issue 3.2 | unit/team/versions.test.ts | what all versions share means the same in version %s
each setting has one order of who counts first | issue 3.2 | unit/config/settings.test.ts | $name: $winner wins over what is behind it
a fault of the configuration has its line and column | issue 3.9 | unit/config/bad-config.test.ts | all faults at once, each on its line, ten at most
a project only tightens | R8 | contract:projects | the safety of a project is stricter than what holds, or nothing
what a person types into a command is words and no more | R32 | contract:commands | what a person types is words of a command line and nothing else
a stricter mode is not shed by handing over | R5 | contract:handoffs | a stricter mode is not shed by handing over
a folder is judged with its links followed | issue 4.2 | contract:policy-places | folders of a policy hold for all that names one, links followed
what a team brings is judged when it is resolved, before any effect | R10 | contract:policy-teams | models and gateways of a policy hold for the resolved team
no client rule goes beyond what the server lets it | R8 | contract:policy-rules | allow rules of a client stay within client_allow
nobody judges a run of its own unless it may | R12 | contract:policy-rules | whoever started a run does not answer its questions
a question waits no longer than the policy says, over a restart too | R8 | contract:policy-runs | the longest wait counts on over a restart
one principal reaches nothing of another, by any operation | issue 4.5 | contract:owners | of every operation: what is somebody else
a slow reader is closed, and goes on from the log | issue 4.1 | unit/server/slow-readers.test.ts | our client, when it was too slow, goes on from the log and lacks nothing
a reader that never reads holds a bounded buffer | R27 | unit/server/slow-readers.test.ts | readers that never read cost a bounded buffer each, and are let go
streams are live behind a proxy that buffers | issue 4.1 | unit/server/nginx.test.ts | each event arrives when it happens
a long silence is bridged for proxies | issue 4.1 | unit/server/nginx.test.ts | a long silence is bridged by heartbeats
a page that points its name at this machine gets nothing | issue 4.2 | unit/server/guards.test.ts | decides before anything else, and does not matter on a socket of this user
pages of other sites are refused unless allowed | issue 4.2 | unit/server/guards.test.ts | are refused unless allowed, whatever token they have
a token in an address is refused and said to nobody | issue 4.2 | unit/server/guards.test.ts | a token in the address (%s) is refused and not repeated
a socket is in a folder of this user's own | R12 | unit/server/listen.test.ts | is refused where others could reach it
a stale socket is taken over, a live one is not | issue 4.7 | unit/server/listen.test.ts | that a killed server left is taken over, one that is listened on is not
slow headers and bodies are ended with words | issue 4.7 | unit/server/limits.test.ts | sends a body slowly: it is told, and nothing comes of it
500 idle connections keep nobody out | issue 4.7 | unit/server/limits.test.ts | 500 connections that do nothing keep nobody out, and are let go
a request is logged without what it was about | issue 4.2 | unit/server/closing.test.ts | a request is one line of the log, without what it was about
a server that closes says so on its streams | R36 | unit/server/closing.test.ts | a server that closes says so on its streams, lets answers be finished, and takes nothing new
runs, streams and uploads are capped | issue 4.2 | contract:serving-life | as many runs go on at once as may be
each key has its verdict against the peer's | issue 3.2 | unit/team/from-docker-agent.test.ts | every key has one verdict
`;

export interface Behaviour {
  must: string;
  source: string;
  /** Below test/, or `contract:NAME`; a folder stands for its files. */
  file: string;
  test: string;
}

export const BEHAVIOURS: readonly Behaviour[] = [
  LINES,
  REMOTE_LINES,
  HOOK_LINES,
  HOOK_MOMENT_LINES,
  MCP_LINES,
]
  .map((lines) => lines.trim())
  .join('\n')
  .split('\n')
  .map((line) => {
    const [must = '', source = '', file = '', test = ''] = line.split(' | ');
    return { must, source, file, test };
  });

/** Faults of peers that have no place here, and why. */
export const CANNOT_OCCUR: Readonly<Record<string, string>> = {};
