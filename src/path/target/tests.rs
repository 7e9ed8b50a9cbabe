//! What a query may say, name by name.

use super::*;

fn parameters() -> TenantParameters {
    TenantParameters::new(["cust_id"])
}

fn tenant(query: &str) -> Result<Option<&str>, Malformed> {
    parameters().tenant(query.as_bytes(), TenantSource::Query("tenantid"))
}

#[test]
fn a_tenant_behind_an_equals_sign_or_a_question_mark_is_refused() {
    for query in [
        "=tenantid=gamma",
        "==tenantid=gamma",
        "tenantid=alpha&=tenantid=gamma",
        "=cust_id=gamma",
        "x=1?tenantid=gamma",
        "x=1?tenantid=gamma&tenantid=alpha",
        "x?TenantId=gamma",
        "?tenantid",
    ] {
        assert_eq!(tenant(query), Err(Malformed), "{query}");
    }
    for query in [
        "=",
        "==",
        "=1",
        "=a=b",
        "q=what?",
        "url=https://h/a?b=c",
        "?",
        "??a=b",
    ] {
        assert_eq!(tenant(query), Ok(None), "{query}");
    }
}

#[test]
fn overrides_of_the_method_are_refused_by_their_own_names() {
    for query in [
        "x-tunneled-method=DELETE",
        "X-HTTP-Method-Override=DELETE",
        "x_http_method=PUT",
        "X-Method-Override=PUT",
        "tenantid=alpha&x-tunneled-method[]=DELETE",
    ] {
        assert_eq!(tenant(query), Err(Malformed), "{query}");
    }
    assert_eq!(
        tenant("tunneled-method=x&x-method=y&http_method=GET"),
        Ok(None)
    );
}

#[test]
fn the_tenant_is_read_where_it_is_spelled_exactly() {
    assert_eq!(
        tenant("tenantid=alpha&limit=10&sort=score"),
        Ok(Some("alpha"))
    );
    assert_eq!(
        tenant("limit=10&tenantid=817418af76d44358922636e34be9627c"),
        Ok(Some("817418af76d44358922636e34be9627c"))
    );
    assert_eq!(tenant(""), Ok(None));
    assert_eq!(tenant("&&=&limit"), Ok(None));
    assert_eq!(tenant("NOT~tenantid=alpha&FROM~created_at=1"), Ok(None));
    assert_eq!(
        parameters().tenant(b"cust_id=alpha", TenantSource::Query("cust_id")),
        Ok(Some("alpha"))
    );
}

#[test]
fn everything_that_could_be_taken_for_a_tenant_is_refused() {
    let wrong = [
        "tenantid",
        "tenantid=",
        "tenantid=a&tenantid=a",
        "tenantid=a&tenantid=b",
        "tenantid=a/b",
        "tenantid=%61",
        "TenantId=a",
        "tenant_id=a",
        "tenant-id=a",
        "tenantid[]=a",
        "tenantid[0]=a",
        "tenantid[",
        "%74enantid=a",
        "%2574enantid=a",
        "tenantid%5B%5D=a",
        "tenantid%00=a",
        "+tenantid=a",
        "tenantid+=a",
        "tenant.id=a",
        "tenantids=a",
        "cust_id=a",
        "custid=a",
        "cust_ids=a",
        "CUST_ID=a",
        "%=a",
        "a%=b",
        "a%4=b",
        "a%zz=b",
        "_method=DELETE",
        "_METHOD=x",
        "%5Fmethod=x",
        "+_method+=x",
        "%20_method%09=x",
        "a=b;tenantid=c",
        "a=b#c",
        "a=b c",
        "a=\"",
        "a=ü",
        "a=\u{7f}",
        "a={",
        "a=|",
        "a=\\",
        "a=^",
        "a=`",
        "a=<",
    ];
    for query in wrong {
        assert_eq!(tenant(query), Err(Malformed), "{query}");
    }
    let long = ["tenantid=", &"a".repeat(65)].concat();
    assert_eq!(tenant(&long), Err(Malformed));
    assert!(tenant(&long[..long.len() - 1]).is_ok());
}

#[test]
fn names_that_only_resemble_are_not_refused() {
    for query in [
        "tenantidx=a",
        "atenantid=a",
        "_methods=a",
        "a_method=a",
        "method=a",
        "Method[]=a",
        "met%2Bhod=a",
        "%41b=a",
        "tenants=a",
        "a[tenantid]=b",
        "filter[status]=a",
        "ids[]=4",
        "$top=5",
        "a.tenantid=b",
        "]=a",
        ".=a",
        "+=a",
        "%20a+b%7E=c",
    ] {
        assert_eq!(tenant(query), Ok(None), "{query}");
    }
}

#[test]
fn what_real_parsers_take_for_another_name_is_refused() {
    for query in [
        // Brackets first, and what follows them.
        "[tenantid]=a",
        "[tenantid][0]=a",
        "[a]=b",
        "%5Ba=b",
        "%255Ba=b",
        // Cut at a bracket or a dot, or with an end of its own.
        "cust[id=a",
        "tenantid.x=a",
        "tenantid]=a",
        "tenantid[x]=a",
        "tenant[id]=a",
        "tenantid%2Ex=a",
        // A dot that becomes `_`, and then an index.
        "cust.id[0]=a",
        ".method[0]=a",
        // Bytes that are dropped, end a name, or are folded.
        "tenantid%00x=a",
        "a%00=b",
        "tenantid%C5%BF=a",
        "a%C3%A9=b",
        "a%7F=b",
        "a%1F=b",
        // Overrides of the method.
        ".method=a",
        "_method%00x=a",
        "_met+hod=a",
        "+method=a",
        "%2Bmethod=a",
        "_method[]=a",
        "_method.x=a",
        "-method=a",
        "_METHOD]=a",
    ] {
        assert_eq!(tenant(query), Err(Malformed), "{query}");
    }
}

#[test]
fn the_longest_parameter_is_recognized_before_a_bracket() {
    for length in [62, 63, 64] {
        let name = "c".repeat(length);
        let parameters = TenantParameters::new([name.as_str()]);
        let source = TenantSource::Query("tenantid");
        for behind in ["", "s", "[]", "s[]", ".x", "s.x", "[x][y]"] {
            let query = alloc::format!("{name}{behind}=a");
            let read = parameters.tenant(query.as_bytes(), source);
            assert_eq!(read, Err(Malformed), "{query}");
        }
        let query = alloc::format!("{name}t[]=a");
        assert_eq!(parameters.tenant(query.as_bytes(), source), Ok(None));
    }
}

#[test]
fn a_fault_has_the_name_that_causes_it() {
    let place = |query: &str| {
        let parameters = parameters();
        let source = TenantSource::Query("tenantid");
        let fault = parameters.fault(query.as_bytes(), source).unwrap();
        let name = match fault.place {
            TargetPlace::Name(name) => core::str::from_utf8(name).unwrap(),
            _ => "the target",
        };
        (alloc::string::String::from(name), fault.offset)
    };
    assert_eq!(place("a=1&_method=PUT"), ("_method".into(), 4));
    assert_eq!(place("abc=1?tenantid=a"), ("tenantid".into(), 6));
    // No single name is at fault.
    let many = "a&".repeat(256) + "b";
    assert_eq!(place(&many), ("the target".into(), 512));
}

#[test]
fn a_query_has_at_most_256_pairs() {
    for pair in ["a&", "&", "a=b&"] {
        let query = |pairs: usize| pair.repeat(pairs - 1) + "tenantid=a";
        assert_eq!(tenant(&query(256)), Ok(Some("a")), "{pair}");
        assert_eq!(tenant(&query(257)), Err(Malformed), "{pair}");
    }
    assert_eq!(tenant(&"&".repeat(255)), Ok(None));
    assert_eq!(tenant(&"&".repeat(256)), Err(Malformed));
}

#[test]
fn a_tenant_of_the_path_or_a_header_leaves_none_to_the_query() {
    let refused = |query: &str, source| {
        let parameters = parameters();
        parameters.tenant(query.as_bytes(), source) == Err(Malformed)
    };
    for query in [
        "tenantid=a",
        "cust_id=a",
        "tenantids",
        "CustId[]=a",
        "_method",
    ] {
        assert!(refused(query, TenantSource::Path("org")), "{query}");
        assert!(refused(query, TenantSource::Header), "{query}");
    }
    for query in ["org=a", "Org[]=a", "o_rg.x=a", "%6Frg"] {
        assert!(refused(query, TenantSource::Path("org")), "{query}");
        assert!(refused(query, TenantSource::Path("O-rg")), "{query}");
        assert!(!refused(query, TenantSource::Header), "{query}");
    }
    for query in ["", "orgs=a", "a=b", "a[org]=b", "method=a"] {
        assert!(!refused(query, TenantSource::Path("org")), "{query}");
        assert!(!refused(query, TenantSource::Header), "{query}");
    }
}

#[test]
fn without_an_endpoint_any_declared_parameter_may_name_the_tenant() {
    let read =
        |query: &'static str| parameters().tenant(query.as_bytes(), TenantSource::NoEndpoint);
    assert_eq!(read("tenantid=a"), Ok(Some("a")));
    assert_eq!(read("b&cust_id=a"), Ok(Some("a")));
    for query in [
        "tenantid=a&cust_id=a",
        "cust_id=a&cust_id=a",
        "cust_id=",
        "cust_id=a.b",
        "custid=a",
        "cust_ids=a",
        "tenantid[]=a",
        "_method=a",
    ] {
        assert_eq!(read(query), Err(Malformed), "{query}");
    }
}

#[test]
fn the_first_question_mark_ends_the_path() {
    assert_eq!(split(b"/a?b?c"), Ok((&b"/a"[..], Some(&b"b?c"[..]))));
    assert_eq!(split(b"/a?"), Ok((&b"/a"[..], Some(&b""[..]))));
    assert_eq!(split(b"/a"), Ok((&b"/a"[..], None)));
    assert!(split(&[b'a'; 8192]).is_ok());
    assert_eq!(split(&[b'a'; 8193]), Err(Malformed));
}
