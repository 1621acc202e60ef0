-- The sandbox in which customization scripts run. Given the host's functions and limits it returns `call`, which loads
-- a script into an environment of its own and calls one function of it.
--
-- Scripts are stopped after a number of instructions or a time, and cannot catch that; what runs inside C (patterns,
-- repetition, insertion) is bounded before it starts, since no hook would be called there. Order is fixed: `pairs`
-- goes by key. What Karmada takes away (getmetatable, load, ...) is taken away here too, with its words.
local host = ...

local error, ipairs, next, pcall, select, setfenv = error, ipairs, next, pcall, select, setfenv
local tonumber, tostring, type, unpack, loadstring = tonumber, tostring, type, unpack, loadstring
local floor, huge = math.floor, math.huge
local concat, sort, insert = table.concat, table.sort, table.insert
local string_byte, string_find, string_format, string_gsub = string.byte, string.find, string.format, string.gsub
local string_match, string_sub = string.match, string.sub
local getinfo, sethook = debug.getinfo, debug.sethook

-- Scripts see this in what they catch; the host puts their own name in its place.
local CHUNK = "=<string>"
local STEP = 10000
local PATTERN_COST = 2e9
local UNSUPPORTED = {
  "collectgarbage", "dofile", "getfenv", "getmetatable", "load", "loadfile", "loadstring", "rawequal", "rawget",
  "rawset", "setfenv", "setmetatable", "module", "newproxy",
}

-- Limits ---------------------------------------------------------------------------------------------------------------

local stopped = nil
local used = 0

-- Where the script is: the innermost function that is its own. Kept for the host, too, since a script that runs out of
-- memory cannot be asked any more.
local function note_line()
  local level = 3
  local info = getinfo(level, "Sl")
  while info and info.source ~= CHUNK do
    level = level + 1
    info = getinfo(level, "Sl")
  end
  host.line = info and info.currentline or host.line
end

local function watch()
  used = used + STEP
  note_line()
  if used > host.instructions then
    stopped = "stopped after " .. host.instructions .. " instructions"
  elseif host.monotonic() > host.deadline() then
    stopped = "stopped after " .. host.seconds .. " s"
  end
  if stopped and host.line then
    stopped = string_sub(CHUNK, 2) .. ":" .. host.line .. ": " .. stopped
  end
  if stopped then
    error(stopped, 2)
  end
end

local function passing_on(...)
  -- A script may catch its own errors, but not the end of its time.
  if stopped then
    error(stopped, 0)
  end
  return ...
end

local function pattern_cost(subject, pattern)
  local free = 1
  if string_sub(pattern, 1, 1) == "^" then
    free = 0
  end
  local plain = string_gsub(pattern, "%%.", "")
  local _, quantifiers = string_gsub(plain, "[*+%-]", "")
  return (#subject + 1) ^ (quantifiers + free)
end

local function bounded(match)
  return function(subject, pattern, ...)
    if (type(subject) == "string" or type(subject) == "number") and type(pattern) == "string" then
      if pattern_cost(tostring(subject), pattern) > PATTERN_COST then
        error("the pattern may take too long on a text of " .. #tostring(subject) .. " characters", 2)
      end
    end
    return match(subject, pattern, ...)
  end
end

-- Libraries ------------------------------------------------------------------------------------------------------------

local RANKS = { number = 1, string = 2, boolean = 3 }

local function is_before(a, b)
  local first, second = RANKS[type(a)] or 4, RANKS[type(b)] or 4
  if first ~= second then
    return first < second
  end
  if first <= 2 then
    return a < b
  end
  return tostring(a) < tostring(b)
end

local function ordered_pairs(container)
  if type(container) ~= "table" then
    error("bad argument #1 to pairs (table expected, got " .. type(container) .. ")", 2)
  end
  local keys = {}
  for key in next, container do
    keys[#keys + 1] = key
  end
  sort(keys, is_before)
  local position = 0
  return function()
    while true do
      position = position + 1
      local key = keys[position]
      if key == nil then
        return nil
      end
      if container[key] ~= nil then
        return key, container[key]
      end
    end
  end, container, nil
end

local function checked_insert(list, ...)
  if select("#", ...) == 2 then
    local position, value = ...
    if type(position) == "number" and (position < 1 or position > #list + 1) then
      list[position] = value
      return
    end
  end
  return insert(list, ...)
end

local function answered(ok, value)
  if not ok then
    error(value, 3)
  end
  return value
end

local function is_text(value)
  return type(value) == "string" or type(value) == "number"
end

-- Texts are made as in Go, whose library the scripts are written for.
local function text_of(...)
  if select("#", ...) > 0 and type((...)) == "number" then
    return host.number_text((...))
  end
  return tostring(...)
end

local function format(pattern, ...)
  if not is_text(pattern) then
    error("bad argument #1 to format (string expected, got " .. type(pattern) .. ")", 2)
  end
  local count, given = select("#", ...), { ... }
  for index = 1, count do
    local kind = type(given[index])
    if kind ~= "number" and kind ~= "string" and kind ~= "boolean" and kind ~= "nil" then
      given[index] = tostring(given[index])
    end
  end
  return answered(host.format(pattern, count, unpack(given, 1, count)))
end

local function join(list, separator, first, last)
  if type(list) ~= "table" then
    error("bad argument #1 to concat (table expected, got " .. type(list) .. ")", 2)
  end
  if separator ~= nil and type(separator) ~= "string" then
    error("bad argument #2 to concat (string expected, got " .. type(separator) .. ")", 2)
  end
  local texts = {}
  for index = first or 1, last or #list do
    local value = list[index]
    if value == nil and last then
      break
    end
    if not is_text(value) then
      error("invalid value (" .. type(value) .. ") at index " .. index .. " in table for concat", 2)
    end
    texts[#texts + 1] = text_of(value)
  end
  return concat(texts, separator)
end

-- A text without a point is a number only if it is a whole one: no exponent, no "inf".
local function number_of(...)
  local value, base = ...
  if type(value) == "string" then
    local trimmed = string_match(value, "^[ \n\t]*(.-)[ \n\t]*$")
    if string_find(trimmed, ".", 1, true) then
      return string_match(trimmed, "^[+-]?[%d.]+[eE]?[+-]?%d*$") and tonumber(trimmed)
    end
    if base == nil and not (string_match(trimmed, "^[+-]?%d+$") or string_match(trimmed, "^0[xX]%x+$")) then
      return nil
    end
    local sign, digits = string_match(trimmed, "^([+-]?)(.*)$")
    local number = tonumber(digits, base)
    if number and sign == "-" then
      return -number
    end
    return number and number < 2 ^ 63 and number or string_match(trimmed, "^%+?0*9223372036854775807$") and number
  end
  return tonumber(...)
end

local function checked_assert(...)
  local value, message = ...
  if value then
    return ...
  end
  if message ~= nil and type(message) ~= "string" then
    error("bad argument #2 to assert (string expected, got " .. type(message) .. ")", 2)
  end
  error(message or "assertion failed!", 2)
end

local function changing_case(native, is_upper)
  return function(text)
    if type(text) == "string" and string_find(text, "[\128-\255]") then
      return host.change_case(text, is_upper)
    end
    return native(text)
  end
end

local function unsupported(name)
  return function()
    error("The Lua function string." .. name .. " is not supported by Karmada. If you believe this function is"
      .. " essential for your use case, please submit an issue to let us know why you need it.", 2)
  end
end

local function time_of(...)
  if select("#", ...) == 0 then
    return floor(host.now())
  end
  if type((...)) ~= "table" then
    error("bad argument #1 to time (table expected, got " .. type((...)) .. ")", 2)
  end
  return answered(host.epoch((...)))
end

local function date_of(form, time)
  form = string_match(form or "%c", "^!*(.*)$")
  time = time or floor(host.now())
  if string_sub(form, 1, 2) == "*t" then
    return answered(host.date_table(time))
  end
  return answered(host.date(form, time))
end

-- Methods of texts (`text:rep(3)`) are looked up in the real table, so the bounds belong there.
local function bound_string_library()
  local bounded_find = bounded(string_find)
  string.match = bounded(string.match)
  string.gmatch = bounded(string.gmatch)
  string.gfind = string.gmatch
  string.find = function(subject, pattern, init, plain)
    if pattern == "" and is_text(subject) then
      return 1, 0
    end
    if plain then
      return string_find(subject, pattern, init, plain)
    end
    return bounded_find(subject, pattern, init)
  end
  string.format = format
  string.lower, string.upper = changing_case(string.lower, false), changing_case(string.upper, true)
  string.dump, string.gsub, string.rep = unsupported("dump"), unsupported("gsub"), unsupported("rep")
end

bound_string_library()

local function copy(source, names)
  local result = {}
  for _, name in ipairs(names) do
    result[name] = source[name]
  end
  return result
end

local function new_kube()
  -- Closures, so that a script never holds an object of the host.
  return {
    resourceAdd = function(...) return answered(host.resource_add(select("#", ...), ...)) end,
    accuratePodRequirements = function(...) return answered(host.pod_requirements(select("#", ...), host.encode((...)))) end,
    getPodDependencies = function(template, ...)
      return answered(host.pod_dependencies(select("#", ...) + 1, host.encode(template), (...)))
    end,
    getResourceQuantity = function(...) return answered(host.resource_quantity(select("#", ...), ...)) end,
  }
end

local function new_environment()
  local env = copy(_G, {
    "error", "ipairs", "next", "select", "type", "unpack", "_VERSION",
  })
  env._G = env
  env.assert, env.tonumber, env.tostring = checked_assert, number_of, text_of
  env.pairs = ordered_pairs
  env.print = function() end
  env.pcall = function(...) return passing_on(pcall(...)) end
  env.xpcall = function(body, handler)
    -- Not Lua's own: its handler runs inside the hook that stopped the script, where no hook can stop it.
    local function handled(ok, ...)
      if ok then
        return ok, ...
      end
      return ok, handler(...)
    end
    return handled(passing_on(pcall(body)))
  end
  env.math = copy(math, {
    "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "ldexp",
    "log", "log10", "max", "min", "modf", "pi", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh",
  })
  -- The largest number, as in Go, and no infinity.
  env.math.huge = 2 ^ 1023 * (2 - 2 ^ -52)
  env.math.mod = function(a, b) return a % b end
  env.table = copy(table, { "maxn", "remove", "sort", "getn" })
  env.table.insert, env.table.concat = checked_insert, join
  env.string = copy(string, {
    "byte", "char", "dump", "find", "format", "gfind", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse",
    "sub", "upper",
  })
  env.os = { time = time_of, date = date_of }
  local kube = new_kube()
  env.package = { loaded = {}, preload = {} }
  env.require = function(name)
    if name ~= "kube" then
      error("module " .. tostring(name) .. " not found", 2)
    end
    return kube
  end
  for _, name in ipairs(UNSUPPORTED) do
    env[name] = function()
      error("call function " .. name .. " is not supported in karmada customized resourceinterpreter.", 2)
    end
  end
  return env
end

-- Values to JSON -------------------------------------------------------------------------------------------------------

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function escape(character)
  return ESCAPES[character] or string_format("\\u%04x", string_byte(character))
end

local function encode_text(text)
  return '"' .. string_gsub(text, '[%c"\\]', escape) .. '"'
end

local encode

local function encode_table(container, visited)
  if visited[container] then
    error("cannot encode recursively nested tables to JSON", 0)
  end
  visited[container] = true
  local first = next(container)
  if first == nil then
    return "[]"
  end
  local parts = {}
  if type(first) == "number" then
    local expected = 1
    for key, value in ordered_pairs(container) do
      if type(key) ~= "number" then
        error("cannot encode mixed or invalid key types", 0)
      end
      if key ~= expected then
        error("cannot encode sparse array", 0)
      end
      parts[expected] = encode(value, visited)
      expected = expected + 1
    end
    return "[" .. concat(parts, ",") .. "]"
  end
  for key, value in ordered_pairs(container) do
    if type(key) ~= "string" then
      error("cannot encode mixed or invalid key types", 0)
    end
    parts[#parts + 1] = encode_text(key) .. ":" .. encode(value, visited)
  end
  return "{" .. concat(parts, ",") .. "}"
end

function encode(value, visited)
  local kind = type(value)
  if kind == "table" then
    return encode_table(value, visited)
  elseif kind == "string" then
    return encode_text(value)
  elseif kind == "number" then
    if value ~= value or value == huge or value == -huge then
      error("cannot encode " .. tostring(value) .. " to JSON", 0)
    end
    if value == floor(value) and value > -1e15 and value < 1e15 then
      return string_format("%d", value)
    end
    return string_format("%.17g", value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind == "nil" then
    return "null"
  end
  error("cannot encode " .. kind .. " to JSON", 0)
end

host.encode = function(value) return encode(value, {}) end

-- Calls ----------------------------------------------------------------------------------------------------------------

local function run(source, wanted, count, ...)
  local chunk, fault = loadstring(source, CHUNK)
  if not chunk then
    error(fault, 0)
  end
  local env = new_environment()
  setfenv(chunk, env)
  chunk()
  local entry = env[wanted]
  if entry == nil then
    error("not found function " .. wanted, 0)
  end
  if type(entry) ~= "function" then
    error(wanted .. " is not a function: " .. type(entry), 0)
  end
  local results = { entry(...) }
  local answer = {}
  for index = 1, count do
    answer[2 * index - 1] = type(results[index])
    answer[2 * index] = encode(results[index], {})
  end
  return unpack(answer, 1, 2 * count)
end

return function(source, wanted, count, ...)
  stopped, used, host.line = nil, 0, nil
  sethook(watch, "", STEP)
  local function finish(...)
    sethook()
    if stopped then
      return false, stopped
    end
    return ...
  end
  return finish(pcall(run, source, wanted, count, ...))
end
