/**
 * The rows of another program's list of features in which its remote runs fall short of its local ones, by section and place in its table: here each works yonder
 * or is the same `unsupported` in every place. Lines as in behaviours.ts.
 */
export const REMOTE_LINES = `
a run on a server may take as long as it likes | peer 9.1.1 | unit/client/event-stream.test.ts | silence longer than the stall is a drop; a heartbeat is not silence
a second turn on a server has the first one once | peer 9.1.2 | contract:runs | a second turn has the first one once, and nothing else
several messages are several turns, yonder too | peer 9.1.3 | contract:runs | several messages of one call enter one run together
attached pictures, texts and PDFs reach a model yonder | peer 9.1.4 | contract:attachments | a PDF goes to a model that takes it, and is refused for one that does not, before any call
events of any size stream from a server | peer 9.1.5 | contract/client-cuts.test.ts | with events of more than 64 KiB, in their middle
an interrupt is no loss of the connection, and wedges nothing | peer 9.1.6 | contract:interrupts | a model call that hangs is ended, and the run is canceled
the depth of queues is told yonder | peer 9.1.9 | contract:inputs | a full queue is refused, naming its capacity, and its depth is told
a run is paused yonder | peer 9.1.10 | contract:inputs | a paused run holds at its next boundary and goes on when it is let
the transcript of a server is whole | peer 9.1.11 | contract:sessions | the transcript is read in pages, with children only where asked
a run outlives its client | peer 9.1.12 | contract:interrupts | a reader that goes away ends nothing
a client comes back and misses nothing | peer 9.1.13 | contract/scenario-cuts.test.ts | a scenario whose stream is cut after each of its events
two clients of one session see one log | peer 9.1.14 | contract:streams | readers of one log see the same events
the command prints the same events yonder | peer 9.1.15 | e2e/parity.test.ts | the same command does the same here and yonder
a team is checked on a server without a trace | peer 9.1.16 | contract:teams | a team is loaded, checked and described, and nothing of it is kept
an answer names its question yonder | peer 9.2.1 | contract:answers | an unknown question is not found, and an answer of another kind does not fit
a mode that is changed in the middle counts on the server | peer 9.2.5 | contract:inputs | a mode that is set counts from the next call on
permissions go with the creation of a session | peer 9.2.6 | contract:creation | a session begins with its settings as the first event
permissions are shown yonder as they count there | peer 9.2.7 | contract:inputs | rules that are set count from the next call on, and stand in the log with who set them
the user's and the project's rules travel | peer 9.2.9 | contract:projects | deny rules of a project count always, under autonomous too
a sign-in is one client's, in every place | peer 9.2.10 | contract:sign-ins | a server that wants a sign-in is one question
forms are answered yonder | peer 9.2.11 | contract:forms | a form is shown with its schema, and what was accepted reaches the model with the defaults
who comes late sees the question on the server | peer 9.2.13 | contract:answers | who comes late sees what waits, and may answer it
another agent takes the next turn yonder | peer 9.3.2 | contract:inputs | another agent takes the next turn; an unknown one lists the valid ones
the tools of an agent are listed yonder | peer 9.3.4 | contract:peer | CurrentAgentTools returns slice or ErrUnsupported
the state of toolsets is told yonder | peer 9.3.6 | contract:peer | CurrentAgentToolsetStatuses does not panic
a toolset is started anew by a person, yonder too | peer 9.3.7 | contract:mcp-life | the next call starts it, as often as its lifecycle says
changes of tools are events of the log | peer 9.3.8 | contract:mcp-calls | a tool that changes is an event, and what was approved of it is asked about anew
another model goes with the creation | peer 9.3.9 | contract:teams | a model that the request puts in the place of the team's own is the one that is described
models are listed and switched yonder | peer 9.3.10 | contract:inputs | a model that is set is called, and the empty word resets it
prompts of MCP servers are listed and run yonder | peer 9.3.12 | contract:mcp-life | prompt is listed, and is the message of a run, as it is
skills work on a server as they do here: read, run and as /name | peer 9.3.13 | contract:skills | skills of the workspace are listed, told to the model by name, and read with their files
commands of an agent run where the agent is | peer 9.3.14 | contract:commands | each !tool() is a recorded call of the command, judged like every other, and its result is text
prompt files of the client reach an agent yonder | peer 9.3.16 | contract:content | prompt files of the client reach the model as part of the instructions
hooks of flags and teams run yonder | peer 9.3.17 | contract:hooks | a guard of the flags denies a call under every mode, and the run goes on
a session works in the folder that was named, there | peer 9.3.20 | contract:creation | a working directory that is not there, is a file or is relative is refused
a person's own command runs in the session's workspace | peer 9.3.21 | contract:own-shell | a person's own command runs in the workspace, is recorded, and is read by the model at its next turn
variables and gateways travel | peer 9.3.22 | contract:gateway | requests go to the gateway, which is told where they were meant to go, and no key is needed
a session of a server is resumed | peer 9.4.2 | contract:sessions | each of several resumes applies its flags, and one while a title is made waits for that
the sessions of a server are listed and found | peer 9.4.3 | contract:search | what a person, a model or a tool said is found, with a snippet and where it stands
a session is starred yonder | peer 9.4.6 | contract:inputs | a title and a star are set, and shown
a compaction that fails yonder is an error | peer 9.4.7 | contract:limits | a compaction that fails is an error and never a summary
a session is forked yonder | peer 9.4.9 | contract:forks | a fork begins with what was said up to the end of a turn, under new ids
turns are taken back yonder | peer 9.4.10 | contract:undo | undo takes back the files and the messages of the last exchange, again and again
a session is exported yonder, whole | peer 9.4.11 | contract:exports | as Markdown it is a transcript that reads well
usage is the same after a resume | peer 9.4.12 | contract:budgets | usage is told per model, agent and turn, sub-agents apart, and the same after a resume
every further session of a conversation is one of the server | peer 9.4.14 | unit/cli/second-session.test.ts | /new after
a fresh session is made by the server, never invented | peer 9.4.15 | contract:creation | a repeat with the same key is the same session, another body under it a conflict
cassettes travel | peer 9.5.1 | contract:content | a run is recorded, and plays again without a key and without a model
a token is demanded and can be sent | peer 9.5.5 | contract:streams | who has a token that nobody knows is unauthorized
idle sessions of a server are let go | peer 9.5.9 | contract:serving-life | a session that nothing happens in is let go, and goes on from its log
every behaviour runs over real sockets | issue 4.5 | contract/transcripts.test.ts | is the same in every arm
every method of both interfaces is called in every arm | issue 4.5 | contract:every-method | every method of both interfaces answers, or says that it is unsupported
connections are cut at any byte, stall and half die, and nobody can tell | issue 4.5 | contract/scenario-cuts.test.ts | a connection that meets a %s
a killed server goes on, and so do its clients | issue 4.5 | faults/server-kill.test.ts | a server that is killed and started again goes on with
skills of a team reach a server with it, by the command | issue 5.3 | e2e/parity.test.ts | the same command does the same here and yonder
a skill is a person's /name yonder too | peer 1.1 | contract:skills | a person invokes a skill by its name: its text, what was typed, and what it leaves of the tools
allowed-tools of a skill narrows and never grants | R32 | contract:skills | allowed-tools grants nothing: what an agent lacks or is denied stays away
what a skill took away is not regained by delegating | R5 | contract:skill-places | what a skill took away stays away from those that its run hands work to
a skill that is edited in the middle of a run changes nothing of it | R22 | contract:skills | a run keeps the skills that it began with, and the next one says what is new
a sub-agent of a skill is resumed after a crash, not started again | R3 | contract:skill-places | a sub-agent of a skill goes on after the process ended, by the text that it began with
no path of a skill leads out of its folder | issue 5.6 | contract:skills | a path out of the folder of a skill is refused, a link out too
a faulty skill is said and stops nothing | issue 5.6 | contract:skills | what is wrong with a skill is said, and stops nothing
ten thousand skills hold up no run | issue 5.6 | unit/runtime/skill-files.test.ts | ten thousand skills: some of them, quickly, and it is said
skills of the user are not given to a team that nobody trusted | R4 | contract:skill-places | a team that nobody trusted is not given the skills of the user
a server has no home: its policy names folders of skills | R17 | contract:skill-places | on a server the policy names the folders of skills that are not of the workspace
a skill is written only after a question | R13 | contract:skills | a skill is written only after a question that no mode answers
nothing in a skill is expanded | R32 | unit/runtime/skill-text.test.ts | is a name, a description and a text that is kept to the letter
what a lost answer did is not done again | R18 | unit/client/persist.test.ts | a call whose answer is lost, broken or does not come is sent again under its key
a resume whose answer was lost is one resume | R18 | contract:resumes | a resume that is asked for again under its key is one resume, and names the run that it recovered
`;

/** The rows, by section: all in which the other program's remote runs are cut short, silent, in error or refused. */
export const REMOTE_ROWS: Readonly<Record<string, readonly number[]>> = {
  '9.1': [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16],
  '9.2': [1, 5, 6, 7, 9, 10, 11, 13],
  '9.3': [2, 4, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 20, 21, 22],
  '9.4': [2, 3, 6, 7, 9, 10, 11, 12, 14, 15],
  '9.5': [1, 5, 9],
};
