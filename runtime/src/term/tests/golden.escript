#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%%! +pc unicode -kernel logger_level none
%% What Erlang/OTP makes of terms: `name bytes text` for each. With `check`, reads `name bytes` from standard input and
%% says which of them are not the same terms.

main(["check"]) ->
    Terms = maps:from_list(terms()),
    Wrong = [Name || [Name, Hex] <- lines(), binary_to_term(unhex(Hex)) =/= maps:get(list_to_atom(Name), Terms)],
    [io:format("~s~n", [Name]) || Name <- Wrong];
main([]) ->
    io:setopts([{encoding, unicode}]),
    [io:format("~s ~s ~0tp~n", [Name, hex(term_to_binary(Term, [{minor_version, 2}])), Term]) || {Name, Term} <- terms()].

terms() ->
    [{unit_variant, get},
     {newtype_variant, {increment, 5}},
     {tuple_variant, {move_to, 1, -2}},
     {struct_variant, {put, #{key => <<"k">>, value => 7}}},
     {structure, #{count => 3, name => <<"counter">>}},
     {newtype, 9},
     {tuple_struct, {1, <<"one">>}},
     {unit_struct, unit_struct},
     {ok_value, {ok, 7}},
     {ok_unit, ok},
     {error_value, {error, not_found}},
     {error_unit, error},
     {none, nil},
     {some, 5},
     {unit, ok},
     {true, true},
     {false, false},
     {string, <<"héllo"/utf8>>},
     {empty_string, <<>>},
     {char, <<"é"/utf8>>},
     {bytes, <<0, 255, 7>>},
     {list, [1, 1000, -1]},
     {empty_list, []},
     {characters, [0, 1, 255]},
     {tuple, {1, true, <<"x">>}},
     {array, {1, 2, 3}},
     {string_keys, #{<<"key">> => 1}},
     {atom_keys, #{key => 1}},
     {variant_keys, #{get => [true]}},
     {atom, 'Elixir.MyApp'},
     {latin_atom, 'né'},
     {wide_atom, '日本'},
     {long_atom, list_to_atom(lists:duplicate(255, $é))},
     {zero, 0},
     {u8_max, 255},
     {u8_over, 256},
     {minus_one, -1},
     {i32_max, (1 bsl 31) - 1},
     {i32_min, -(1 bsl 31)},
     {i32_over, 1 bsl 31},
     {i32_under, -(1 bsl 31) - 1},
     {i64_max, (1 bsl 63) - 1},
     {i64_min, -(1 bsl 63)},
     {u64_max, (1 bsl 64) - 1},
     {i128_min, -(1 bsl 127)},
     {i128_max, (1 bsl 127) - 1},
     {u128_max, (1 bsl 128) - 1},
     {huge, -(1 bsl 2100) - 12345},
     {float, 3.141592653589793},
     {float_small, 1.2e-4},
     {float_large, 1.0e22},
     {float_whole, 100000.5},
     {float_zero, -0.0},
     {float_limit, 9007199254740992.0},
     {wide_tuple, list_to_tuple(lists:seq(1, 300))},
     {pid, pid('c@127.0.0.1', 87, 3, 1234567890)},
     {reference, reference('c@127.0.0.1', 7, [1, 2, 3])},
     {port, port('c@127.0.0.1', 5, 9)},
     {export, fun lists:map/2},
     {bits, <<5:3>>},
     {more_bits, <<1, 2:7>>},
     {improper, [a, b | c]},
     {quoted, ['Hello', 'a b', 'it\'s', '', '_', 'end', a@b, "h\"i\n", <<"\e\t">>, <<"日本"/utf8>>, "日本", [300, 0]]},
     {latin_binary, <<233, 195>>},
     {nested, {'$gen_call', {self_less, [alias | x]}, [{a, #{}}, #{1 => #{}}]}}].

%% Pids, references, and ports of another node, from their bytes.
pid(Node, Id, Serial, Creation) ->
    binary_to_term(<<131, 88, (atom(Node))/binary, Id:32, Serial:32, Creation:32>>).

reference(Node, Creation, Words) ->
    binary_to_term(<<131, 90, (length(Words)):16, (atom(Node))/binary, Creation:32, << <<Word:32>> || Word <- Words >>/binary>>).

port(Node, Id, Creation) ->
    binary_to_term(<<131, 120, (atom(Node))/binary, Id:64, Creation:32>>).

atom(Name) ->
    Text = atom_to_binary(Name),
    <<119, (byte_size(Text)), Text/binary>>.

hex(Bytes) ->
    [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes].

unhex(Hex) ->
    << <<(list_to_integer([High, Low], 16))>> || [High, Low] <- pairs(Hex) >>.

pairs([High, Low | Rest]) -> [[High, Low] | pairs(Rest)];
pairs([]) -> [].

lines() ->
    case io:get_line("") of
        eof -> [];
        Line -> [string:lexemes(Line, " \n") | lines()]
    end.
