%% Reasons and answers as the words of the traces, and back.
-module(words).
-export([reason/1, exit/1, answer/1, error_of/1, name/1, text/2]).

%% A reason as a word.
reason({shutdown, {failed_to_start_child, _, _}}) -> "{shutdown,failed_to_start_child}";
reason({shutdown, Why}) when is_atom(Why) -> "{shutdown," ++ atom_to_list(Why) ++ "}";
reason({Why, [{_, _, _, _} | _]}) -> "{crash," ++ reason(Why) ++ "}";
reason({Why, {gen_server, call, _}}) -> reason(Why);
reason({start_spec, _}) -> "bad_spec";
reason(Why) when is_atom(Why) -> atom_to_list(Why);
reason(Why) -> text("~0p", [Why]).

%% The reason that a word stands for.
exit("{shutdown," ++ Rest) -> {shutdown, list_to_atom(lists:droplast(Rest))};
exit(Word) -> list_to_atom(Word).

%% What a function of a supervisor or of an application answers.
answer(ok) -> "ok";
answer({ok, undefined}) -> "ok undefined";
answer({ok, Pid}) when is_pid(Pid) -> "ok";
answer(ignore) -> "ignore";
answer({error, Why}) -> "error " ++ error_of(Why).

error_of({already_started, Pid}) when is_pid(Pid) -> "already_started " ++ name(Pid);
error_of({shutdown, {failed_to_start_child, Id, Why}}) ->
    text("{failed_to_start_child,~s,~s}", [Id, error_of(Why)]);
error_of({'EXIT', Why}) -> reason(Why);
error_of({Why, Child}) when is_tuple(Child), element(1, Child) =:= child -> error_of(Why);
error_of({start_spec, Why}) -> error_of(Why);
error_of({duplicate_child_name, _}) -> "bad_spec";
error_of({bad_start_spec, _}) -> "bad_spec";
error_of({bad_significant, _}) -> "bad_spec";
error_of({bad_combination, _}) -> "bad_spec";
error_of({supervisor_data, _}) -> "bad_spec";
error_of(Why) -> reason(Why).

%% The scenario's name of a process.
name(Pid) when is_pid(Pid) ->
    case ets:lookup(scenario, {pid, Pid}) of
        [{_, Name}] -> Name;
        [] -> "?"
    end;
name(undefined) -> "undefined";
name(restarting) -> "restarting".

text(Format, Arguments) -> lists:flatten(io_lib:format(Format, Arguments)).