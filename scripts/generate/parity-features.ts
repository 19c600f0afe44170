/**
 * What a person can do, a line each: section | feature | the behaviour of the contract suite that shows it. The features are those of which a program with
 * two ways to run is known to lose some in one of them.
 */
const LINES = `
Running and messages | start a turn with text | the run is named before its first event, and its input by the event that took it
Running and messages | second and later turns with a clean history | a second turn has the first one once, and nothing else
Running and messages | several messages in one call | several messages of one call enter one run together
Running and messages | attach a picture | an image reaches the model, and its bytes can be fetched from the session
Running and messages | attach a text file | a text file goes to every model as text, whatever its type says
Running and messages | attach a PDF | a PDF goes to a model that takes it, and is refused for one that does not, before any call
Running and messages | tokens of a text while they come | a reader who comes late gets the same text in pieces as the message has
Running and messages | results of tools that ran side by side, in order | the transcript has results in the order of their calls, whichever came first
Running and messages | interrupt a run | a model call that hangs is ended, and the run is canceled
Running and messages | steer a run in the middle of a turn | a steer enters only before a model call, behind the results of the turn
Running and messages | follow-up | a follow-up waits for the natural stop and goes on in the same run
Running and messages | a steer or follow-up to an idle session starts a run | a steer to an idle session starts a run, and says so
Running and messages | depth of the queues | a full queue is refused, naming its capacity, and its depth is told
Running and messages | pause and go on | a paused run holds at its next boundary and goes on when it is let
Running and messages | read the transcript | the transcript is read in pages, with children only where asked
Running and messages | a run outlives its reader | a reader that goes away ends nothing
Running and messages | come back and miss nothing | a log is replayed from any cursor, says that it has caught up, and ends where nobody follows
Running and messages | several readers of one session | readers of one log see the same events
Running and messages | two runs at once in one session are refused | a session with a live run is busy, and says with which
Running and messages | a repeat under one key is the same run | a repeated run is the same run, streamed from its first event
Running and messages | check a team and keep nothing | a team is loaded, checked and described, and nothing of it is kept
Running and messages | titles | a title is the first 50 characters until one is given
Approvals and questions | approve | approve lets the one call run
Approvals and questions | reject with a reason | reject with a reason reaches the model, and the call did not run
Approvals and questions | approve for the session | approve_session asks no more, but for what must be asked
Approvals and questions | approve a tool for the session | approve_tool makes the rule that was offered, and the same program is not asked about again
Approvals and questions | run without questions | tools_approved is autonomous, and another mode beside it is a contradiction
Approvals and questions | another mode in the middle of a run | a mode that is set counts from the next call on
Approvals and questions | permissions of the session | rules that are set count from the next call on, and stand in the log with who set them
Approvals and questions | permissions of the team | denies of the root hold in its sub-agents
Approvals and questions | permissions of the project | deny rules of a project count always, under autonomous too
Approvals and questions | a deny holds under every mode | a deny rule holds under every mode, and changes no count of refusals
Approvals and questions | forms | a form is shown with its schema, and what was accepted reaches the model with the defaults
Approvals and questions | decline or cancel a form | decline and cancel reach the model as such
Approvals and questions | go on at the limit of calls | at the limit a person is asked, and continue raises it by ten
Approvals and questions | who comes late sees the question | who comes late sees what waits, and may answer it
Approvals and questions | a question outlives the process | a form waits over a restart, and its answer is told once
Approvals and questions | two answers at once | of two answers at once one wins, and the other hears which
Approvals and questions | take the sign-in of an MCP server | a server that wants a sign-in is one question: claimed, answered with the code, and then its tools are there
Approvals and questions | sign in for more in the middle of a call | more than was granted is asked for in the middle of a call, which then goes on
Approvals and questions | a sign-in is one client's | one client claims: a second one, another state, a code that comes twice and another principal are refused
Agents, tools and models | an agent other than the first | an unknown agent lists the valid ones
Agents, tools and models | switch the agent | another agent takes the next turn; an unknown one lists the valid ones
Agents, tools and models | the agent in words | CurrentAgentInfo carries the current name
Agents, tools and models | list of tools | CurrentAgentTools returns slice or ErrUnsupported
Agents, tools and models | state of toolsets | CurrentAgentToolsetStatuses does not panic
Agents, tools and models | restart a toolset | a server that dies in a call is a result and a warning, the next call starts it, as often as its lifecycle says
Agents, tools and models | another model at the start | a model that the request puts in the place of the team's own is the one that is described
Agents, tools and models | another model in the middle | a model that is set is called, and the empty word resets it
Agents, tools and models | list of models | models and the state of the place are told
Agents, tools and models | fallback models | a refusal goes to the next model at once, whose price is the one that is counted
Agents, tools and models | tools of an MCP server that is a program | tools of a stdio server are offered under its prefix, and their results of every kind go to the model
Agents, tools and models | a server whose list is known starts only when it is called | a list that was kept starts no process for a run that calls no tool, and its server dies with the session
Agents, tools and models | forms of an MCP server | a form of a server is a question that its connection holds, and the answer goes back to it
Agents, tools and models | questions of an MCP server to the model | a server's question to the model is a call of its own, that is judged, asked about and counted
Agents, tools and models | list of MCP prompts | a server's prompt is listed, and is the message of a run, as it is
Agents, tools and models | an MCP prompt | a server's prompt is listed, and is the message of a run, as it is
Agents, tools and models | list of skills | skills of the workspace are listed, told to the model by name, and read with their files
Agents, tools and models | a skill | a skill is run as a sub-session by its text, with what allowed-tools leaves
Agents, tools and models | commands of an agent | the commands of an agent are listed, and one stands for a message of the person
Agents, tools and models | sub-agents | a sub-agent works inside the log of the root, which ends with the end of the root
Agents, tools and models | sub-agents side by side | tasks of one turn run together: both ask at once, results are recorded as they come and shown in the order of the calls
Agents, tools and models | handoff | the same session goes on with the other agent: its model, instruction and tools, and all that was said
Agents, tools and models | background jobs | a background job outlives its run, is seen in the next one, and ends with the process that owns the session
Agents, tools and models | prompt files | prompt files of the client reach the model as part of the instructions
Agents, tools and models | working folder | a working directory that is not there, is a file or is relative is refused
Agents, tools and models | a person's own command | a person's own command runs in the workspace, is recorded, and is read by the model at its next turn
Agents, tools and models | models gateway | requests go to the gateway, which is told where they were meant to go, and no key is needed
Agents, tools and models | variables of the session | a key that was given for the session counts before the variable, and an empty one is none
Agents, tools and models | hooks of flags and of teams | a guard of the flags denies a call under every mode, and the run goes on
Agents, tools and models | runners, code mode | what the request asks for and nobody built is refused by name
Agents, tools and models | teams by URL | a team by URL is fetched, untrusted until the yes to its digest, and runs
Agents, tools and models | fetch of pages | a page is asked about, with a rule for its site, and the rule lets the next one through
Sessions and history | list of sessions | sessions are listed newest first, in pages, and searched by title and first message
Sessions and history | search of what was said | what a person, a model or a tool said is found, with a snippet and where it stands
Sessions and history | a session by a prefix, or by its place | a session is named by its id, a prefix that fits one, or its place from the newest
Sessions and history | resume | each of several resumes applies its flags, and one while a title is made waits for that
Sessions and history | delete | deleting twice under one key is deleting once; another key finds nothing
Sessions and history | rename and star | a title and a star are set, and shown
Sessions and history | compact | compaction puts a summary in the place of what came before, and deletes nothing
Sessions and history | compaction that fails | a compaction that fails is an error and never a summary
Sessions and history | compaction by itself | near the window history is compacted by itself
Sessions and history | fork | a fork begins with what was said up to the end of a turn, under new ids, and goes its own way
Sessions and history | undo | undo takes back the files and the messages of the last exchange, again and again
Sessions and history | reset | reset goes to a snapshot, to a message, or to the beginning
Sessions and history | export as JSON | as JSON it has everything, with cost and time of each turn
Sessions and history | export as Markdown | as Markdown it is a transcript that reads well
Sessions and history | export as HTML | as HTML it is one page in which all that was said is text
Sessions and history | tokens and cost | usage is told per model, agent and turn, sub-agents apart, and the same after a resume
Sessions and history | budgets | a budget of tokens is warned about at 80 %, once, and ends the run before the next call
Sessions and history | todo lists | a todo list is there again after the place was closed and opened
Operation | record and play cassettes | a run is recorded, and plays again without a key and without a model
Operation | what is built and what is not | features are what is not refused
Operation | somebody else's session is not found | a session of somebody else is not found, whatever is asked of it
Operation | scopes | who lacks the scope is forbidden, and hears which
Operation | served teams by name | a server lists its teams by name, and a session of one begins without anything sent
Operation | idle sessions are let go | a session that nothing happens in is let go, and goes on from its log
Operation | the Host ends and another one goes on | a Host that ends takes no work, and leaves a run at its question to the next one
`;

export interface Feature {
  section: string;
  feature: string;
  /** Its title in the contract suite. */
  behaviour: string;
}

export const FEATURES: readonly Feature[] = LINES.trim()
  .split('\n')
  .map((line) => {
    const [section = '', feature = '', behaviour = ''] = line.split(' | ');
    return { section, feature, behaviour };
  });
