//! A pid as others read it: with the name of its node, which they number as they like.

use std::fmt;

use serde::de::{self, DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use super::{NodeId, Pid, current};

/// What formats that have pids of their own know one by.
pub(crate) const PID: &str = "$pid";

/// There is no node whose names of other nodes could be asked.
const NO_NODE: &str = "a pid is written and read in code that belongs to a node";

impl Serialize for Pid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = current::node().ok_or_else(|| ser::Error::custom(NO_NODE))?;
        let name = node.node_name(self.node()).ok_or_else(|| ser::Error::custom("a pid of no known node"))?;
        serializer.serialize_newtype_struct(PID, &(&*name, self.id(), self.serial(), self.creation()))
    }
}

impl<'de> Deserialize<'de> for Pid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(PID, Inside)
    }
}

struct Inside;

impl<'de> Visitor<'de> for Inside {
    type Value = Pid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pid")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Pid, D::Error> {
        deserializer.deserialize_tuple(4, self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Pid, A::Error> {
        let node = parts.next_element_seed(Name)?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let mut number = |at| parts.next_element()?.ok_or_else(|| de::Error::invalid_length(at, &self));
        let (id, serial, creation) = (number(1)?, number(2)?, number(3)?);
        Ok(Pid::on(node, id, serial, creation))
    }
}

/// The name of a node, as this one numbers it.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = NodeId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<NodeId, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = NodeId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a node")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<NodeId, E> {
        let node = current::node().ok_or_else(|| E::custom(NO_NODE))?;
        node.node_id(name).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Node, NodeId};

    #[test]
    fn a_pid_is_the_same_after_a_journey() {
        let node = Node::new("here");
        let far = Pid::on(node.node_id("c@127.0.0.1").expect("room"), 0, 0, 7);
        node.enter(|| {
            for (pid, text) in
                [(Pid::outside(9), r#"["nonode@nohost",0,0,9]"#), (far, r#"["c@127.0.0.1",0,0,7]"#)]
            {
                assert_eq!(serde_json::to_string(&pid).expect("written"), text);
                assert_eq!(serde_json::from_str::<Pid>(text).expect("read"), pid);
            }
        });
        assert_eq!((far.to_string().as_str(), far.node() == NodeId::HERE), ("<1.0.0>", false));
    }

    #[test]
    fn outside_a_node_no_pid_is_written_or_read() {
        let text = serde_json::to_string(&Pid::nth(1)).expect_err("no node").to_string();
        assert_eq!(text, NO_NODE);
        let read = serde_json::from_str::<Pid>(r#"["c@127.0.0.1",1,0,7]"#).expect_err("no node").to_string();
        assert!(read.starts_with(NO_NODE), "{read}");
    }
}
