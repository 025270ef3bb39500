//! Who is in the company, and who is invited.

use crate::access::Role;

/// First name, last name, name of the address, role, and for how many days they have been here.
pub(super) const TEAM: [(&str, &str, &str, Role, i64); 38] = [
    ("Olivia", "Brandt", "owner", Role::Owner, 561),
    ("Marcus", "Okafor", "manager", Role::Manager, 556),
    ("Elena", "Vasquez", "editor", Role::Editor, 542),
    ("Rahul", "Mehta", "reader", Role::Reader, 530),
    ("Mina", "Sato", "member", Role::Member, 301),
    ("Henrik", "Lindqvist", "henrik.lindqvist", Role::Owner, 559),
    ("Chiara", "Romano", "chiara.romano", Role::Manager, 360),
    ("Tomasz", "Zieliński", "tomasz.zielinski", Role::Manager, 355),
    ("Aisha", "Rahman", "aisha.rahman", Role::Editor, 350),
    ("Beatriz", "Carvalho", "beatriz.carvalho", Role::Editor, 344),
    ("Daniel", "Fischer", "daniel.fischer", Role::Editor, 331),
    ("Émilie", "Laurent", "emilie.laurent", Role::Editor, 325),
    ("Finn", "O’Sullivan", "finn.osullivan", Role::Editor, 318),
    ("Grace", "Kimani", "grace.kimani", Role::Editor, 299),
    ("Hannah", "Berger", "hannah.berger", Role::Editor, 290),
    ("Ivan", "Petrović", "ivan.petrovic", Role::Editor, 283),
    ("Jasmin", "Haddad", "jasmin.haddad", Role::Editor, 262),
    ("Kenji", "Watanabe", "kenji.watanabe", Role::Editor, 251),
    ("Laura", "Nieminen", "laura.nieminen", Role::Editor, 240),
    ("Mateo", "Fernández", "mateo.fernandez", Role::Editor, 233),
    ("Nadia", "Kowalczyk", "nadia.kowalczyk", Role::Reader, 221),
    ("Oscar", "Dahl", "oscar.dahl", Role::Reader, 214),
    ("Priya", "Narayanan", "priya.narayanan", Role::Reader, 203),
    ("Quentin", "Moreau", "quentin.moreau", Role::Reader, 190),
    ("Rosa", "Jiménez", "rosa.jimenez", Role::Reader, 181),
    ("Samuel", "Adeyemi", "samuel.adeyemi", Role::Reader, 170),
    ("Tereza", "Nováková", "tereza.novakova", Role::Reader, 158),
    ("Umar", "Siddiqui", "umar.siddiqui", Role::Reader, 144),
    ("Valentina", "Rossi", "valentina.rossi", Role::Reader, 130),
    ("William", "Thornton", "william.thornton", Role::Member, 121),
    ("Xenia", "Papadopoulou", "xenia.papadopoulou", Role::Member, 110),
    ("Yusuf", "Demir", "yusuf.demir", Role::Member, 97),
    ("Zoë", "Van den Berg", "zoe.vandenberg", Role::Member, 88),
    ("Amelia", "Clarke", "amelia.clarke", Role::Member, 71),
    ("Bruno", "Keller", "bruno.keller", Role::Member, 55),
    ("Camille", "Dubois", "camille.dubois", Role::Member, 40),
    ("Dmitri", "Volkov", "dmitri.volkov", Role::Member, 23),
    ("Esther", "Nakamura-Bloch", "esther.nakamura-bloch", Role::Member, 9),
];

/// Name of the address, role, and how many days ago they were invited. More than 15 days ago means expired.
pub(super) const INVITED: [(&str, Role, i64); 9] = [
    ("freya.magnusson", Role::Editor, 1),
    ("gabriel.santos", Role::Editor, 2),
    ("ines.ferreira", Role::Reader, 3),
    ("johannes.maier", Role::Manager, 6),
    ("kaya.yilmaz", Role::Reader, 9),
    ("linh.nguyen", Role::Member, 13),
    ("milan.horvat", Role::Editor, 19),
    ("noor.aldin", Role::Reader, 34),
    ("piotr.wrona", Role::Member, 61),
];
