%% The applications of a scenario.
-module(apps).
-behaviour(application).
-export([verbs/0, do/1, do/3, load/0, clear/0]).
-export([start/2, start_phase/3, config_change/3, prep_stop/1, stop/1]).

verbs() -> ["ensure_all_started", "app_start", "app_stop", "get_env", "config"].

%% What the running process asks of the applications, or of one of them.
do("which_applications") ->
    Running = [atom_to_list(App) || {App, _, _} <- application:which_applications()],
    listed([Name || Name <- Running, ets:member(scenario, {spec, Name})]);
do("loaded_applications") ->
    Loaded = [atom_to_list(App) || {App, _, _} <- application:loaded_applications()],
    listed(lists:sort([Name || Name <- Loaded, ets:member(scenario, {spec, Name})]));
do("get_application") ->
    case application:get_application() of
        {ok, App} -> atom_to_list(App);
        undefined -> "undefined"
    end;
do("node_stop") ->
    init:stop(),
    "ok".

do("ensure_all_started", Name, []) ->
    case application:ensure_all_started(list_to_atom(Name), type(Name)) of
        {ok, Started} -> "ok " ++ listed([atom_to_list(App) || App <- Started]);
        {error, {App, Why}} -> words:text("error ~s ~s", [App, error_of(Why)])
    end;
do("app_start", Name, []) -> answer(application:start(list_to_atom(Name), type(Name)));
do("app_stop", Name, []) -> answer(application:stop(list_to_atom(Name)));
do("get_env", Name, [Key]) ->
    case application:get_env(list_to_atom(Name), list_to_atom(Key)) of
        {ok, Value} -> integer_to_list(Value);
        undefined -> "undefined"
    end;
do("config", Name, Env) ->
    Before = application_controller:prep_config_change(),
    set_envs([Name | Env]),
    case application_controller:config_change(Before) of
        ok -> "ok";
        {error, Errors} -> "error " ++ listed([words:reason(Why) || Why <- Errors])
    end.

%% An application and all of its environment, and so on.
set_envs([]) -> ok;
set_envs([Name, Env | Others]) ->
    App = list_to_atom(Name),
    [application:unset_env(App, Key) || {Key, _} <- application:get_all_env(App)],
    [application:set_env(App, Key, Value) || {Key, Value} <- env(Env)],
    set_envs(Others).

answer(ok) -> "ok";
answer({error, Why}) -> "error " ++ error_of(Why).

error_of({Why, App}) when is_atom(App), (Why =:= already_started orelse Why =:= not_started) ->
    words:text("~s ~s", [Why, App]);
error_of({"no such file or directory", _}) -> "unknown";
error_of({bad_return, {_, Why}}) -> words:error_of(Why);
error_of({Why, {?MODULE, _, _}}) -> words:error_of(Why);
error_of(Why) -> words:error_of(Why).

listed([]) -> "none";
listed(Names) -> lists:append(lists:join(",", Names)).

type(Name) -> list_to_atom(maps:get("type", actor:spec(Name), "temporary")).

load() -> [ok = application:load(app(Name, Spec)) || {Name, Spec} <- specs()].

clear() ->
    Apps = [list_to_atom(Name) || {Name, _} <- specs()],
    Running = [App || {App, _, _} <- application:which_applications(), lists:member(App, Apps)],
    [application:stop(App) || App <- Running],
    [application:unload(App) || App <- Apps].

specs() -> [{Name, Spec} || {{spec, Name}, Spec = #{"kind" := "app"}} <- ets:tab2list(scenario)].

app(Name, Spec) ->
    Needs = [list_to_atom(Need) || Need <- words("needs", Spec)],
    Phases = [{list_to_atom(Phase), []} || Phase <- words("phases", Spec)],
    {application, list_to_atom(Name),
     [{vsn, "1"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib | Needs]},
      {env, env(maps:get("env", Spec, ""))}]
     ++ [{mod, {?MODULE, Name}} || not is_map_key("library", Spec)]
     ++ [{start_phases, Phases} || Phases =/= []]}.

words(Key, Spec) -> string:lexemes(maps:get(Key, Spec, ""), ",").

%% `k:1,l:2`.
env(Text) ->
    Pairs = [string:split(Pair, ":") || Pair <- string:lexemes(Text, ",")],
    [{list_to_atom(Key), list_to_integer(Value)} || [Key, Value] <- Pairs].

%% Callbacks.

start(_Type, Name) ->
    Spec = actor:spec(Name),
    Outcome = maps:get("start", Spec, "ok"),
    recorder:event(Name, ["start ", Outcome]),
    case string:split(Outcome, ":") of
        ["ok"] -> started(Name, Spec);
        ["ask", Needed] ->
            recorder:event(Name, ["asked -> ", do("ensure_all_started", Needed, [])]),
            started(Name, Spec);
        ["error", Reason] -> {error, words:exit(Reason)};
        ["exit", Reason] -> exit(words:exit(Reason));
        ["ignore"] -> ignore;
        % It has started its tree, and fails then.
        ["late_crash", Reason] ->
            {ok, _, _} = started(Name, Spec),
            error(list_to_atom(Reason));
        ["crash", Reason] -> error(list_to_atom(Reason))
    end.

started(Name, Spec) ->
    case tree:start_link(maps:get("sup", Spec)) of
        {ok, Pid} -> {ok, Pid, {Name, started}};
        Failed -> Failed
    end.

start_phase(Phase, _Type, []) ->
    {ok, App} = application:get_application(),
    Name = atom_to_list(App),
    recorder:event(Name, ["phase ", atom_to_list(Phase)]),
    case maps:get("fails", actor:spec(Name), none) =:= atom_to_list(Phase) of
        true -> {error, no};
        false -> ok
    end.

%% It is not said which application it is that changes.
config_change(Changed, New, Removed) ->
    Keys = fun(Env) -> listed(lists:sort([atom_to_list(Key) || {Key, _} <- Env])) end,
    Gone = listed(lists:sort([atom_to_list(Key) || Key <- Removed])),
    recorder:event("config_change", ["changed:", Keys(Changed), " added:", Keys(New), " removed:", Gone]),
    case lists:keyfind(fails, 1, Changed ++ New) of
        false -> ok;
        _ -> {error, refused}
    end.

prep_stop({Name, started}) ->
    recorder:event(Name, ["prep_stop"]),
    case actor:spec(Name) of
        #{"prep_stop" := "crash:" ++ Why} -> error(list_to_atom(Why));
        #{} -> {Name, prepared}
    end.

stop({Name, State}) ->
    recorder:event(Name, ["stop ", atom_to_list(State)]),
    case actor:spec(Name) of
        #{"stop" := "crash:" ++ Why} -> error(list_to_atom(Why));
        #{} -> ok
    end.
