// Made from the tools' own schemas by `npm run generate`.
export const PARAMETERS: Readonly<Record<string, string>> = {
  'filesystem/read_file':
    '{"type":"object","properties":{"path":{"type":"string","description":"The file"},"offset":{"type":"integer","minimum":1,"description":"First line to give, from 1"},"limit":{"type":"integer","minimum":1,"description":"Lines to give, at most 2000"}},"required":["path"],"additionalProperties":false}',
  'filesystem/read_multiple_files':
    '{"type":"object","properties":{"paths":{"minItems":1,"maxItems":50,"type":"array","items":{"type":"string"},"description":"The files"},"json":{"type":"boolean","description":"Answer as a JSON list of {path, content or error}"}},"required":["paths"],"additionalProperties":false}',
  'filesystem/list_directory':
    '{"type":"object","properties":{"path":{"type":"string","description":"The folder; \\".\\" is the workspace"}},"required":["path"],"additionalProperties":false}',
  'filesystem/directory_tree':
    '{"type":"object","properties":{"path":{"type":"string","description":"The folder; \\".\\" is the workspace"}},"required":["path"],"additionalProperties":false}',
  'filesystem/search_files_content':
    '{"type":"object","properties":{"path":{"type":"string","description":"Folder or file to search; \\".\\" is the workspace"},"query":{"type":"string","minLength":1,"description":"What to look for"},"is_regex":{"type":"boolean","description":"The query is a regular expression"},"excludePatterns":{"type":"array","items":{"type":"string"},"description":"Paths to leave out, in the syntax of .gitignore"}},"required":["path","query"],"additionalProperties":false}',
  'filesystem/edit_file':
    '{"type":"object","properties":{"path":{"type":"string","description":"The file"},"edits":{"minItems":1,"type":"array","items":{"type":"object","properties":{"oldText":{"type":"string","description":"Text to replace, as it stands in the file"},"newText":{"type":"string","description":"Text to put there"}},"required":["oldText","newText"],"additionalProperties":false},"description":"Made one after the other"}},"required":["path","edits"],"additionalProperties":false}',
  'filesystem/write_file':
    '{"type":"object","properties":{"path":{"type":"string","description":"The file"},"content":{"type":"string","description":"The whole content"}},"required":["path","content"],"additionalProperties":false}',
  'filesystem/create_directory':
    '{"type":"object","properties":{"paths":{"minItems":1,"maxItems":100,"type":"array","items":{"type":"string"},"description":"The folders"}},"required":["paths"],"additionalProperties":false}',
  'filesystem/remove_directory':
    '{"type":"object","properties":{"paths":{"minItems":1,"maxItems":100,"type":"array","items":{"type":"string"},"description":"The folders"}},"required":["paths"],"additionalProperties":false}',
  'shell/shell':
    '{"type":"object","properties":{"cmd":{"type":"string","minLength":1,"description":"The line to run"},"cwd":{"type":"string","description":"Folder to run it in; the workspace when left out"},"timeout":{"type":"number","exclusiveMinimum":0,"maximum":86400,"description":"Seconds after which it is ended; 30 when left out"}},"required":["cmd"],"additionalProperties":false}',
  'shell/run_background_job':
    '{"type":"object","properties":{"cmd":{"type":"string","minLength":1,"description":"The line to run"},"cwd":{"type":"string","description":"Folder to run it in; the workspace when left out"}},"required":["cmd"],"additionalProperties":false}',
  'shell/list_background_jobs': '{"type":"object","properties":{},"additionalProperties":false}',
  'shell/view_background_job':
    '{"type":"object","properties":{"job_id":{"type":"string","description":"As run_background_job gave it"}},"required":["job_id"],"additionalProperties":false}',
  'shell/stop_background_job':
    '{"type":"object","properties":{"job_id":{"type":"string","description":"As run_background_job gave it"}},"required":["job_id"],"additionalProperties":false}',
  'fetch/fetch':
    '{"type":"object","properties":{"urls":{"minItems":1,"maxItems":10,"type":"array","items":{"type":"string","minLength":1},"description":"Addresses, http or https"},"format":{"type":"string","enum":["markdown","text","html"],"description":"How pages are given; markdown when left out"},"timeout":{"type":"integer","minimum":1,"maximum":300,"description":"Seconds for one page"}},"required":["urls"],"additionalProperties":false}',
  'think/think':
    '{"type":"object","properties":{"thought":{"type":"string","description":"What to write down"}},"required":["thought"],"additionalProperties":false}',
  'todo/create_todo':
    '{"type":"object","properties":{"description":{"type":"string","minLength":1,"description":"What is to be done"}},"required":["description"],"additionalProperties":false}',
  'todo/create_todos':
    '{"type":"object","properties":{"descriptions":{"minItems":1,"type":"array","items":{"type":"string","minLength":1,"description":"What is to be done"}}},"required":["descriptions"],"additionalProperties":false}',
  'todo/update_todos':
    '{"type":"object","properties":{"updates":{"minItems":1,"type":"array","items":{"type":"object","properties":{"id":{"type":"string","description":"As in all_todos"},"status":{"type":"string","enum":["pending","in-progress","completed"]}},"required":["id","status"],"additionalProperties":false}}},"required":["updates"],"additionalProperties":false}',
  'todo/list_todos': '{"type":"object","properties":{},"additionalProperties":false}',
  'user_prompt/user_prompt':
    '{"type":"object","properties":{"message":{"type":"string","minLength":1,"description":"The question"},"title":{"type":"string","description":"A heading of a few words"},"schema":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{},"description":"A JSON Schema of a flat form: an object whose properties are string, number, integer, boolean, an enum, or an array of an enum; or the schema of one such value. title, description, default, required, minimum, maximum, minLength, maxLength and format (email, uri, date, date-time) are shown and checked."},"url":{"type":"string","description":"An http or https address that the person is to open instead"}},"required":["message"],"additionalProperties":false}',
};
