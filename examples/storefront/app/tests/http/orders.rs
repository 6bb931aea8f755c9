//! Orders, and what follows from them.

use std::sync::Arc;

use crate::service::Service;

#[tokio::test]
async fn each_order_has_its_outcome_its_mail_and_its_audit_lines() {
    let service = Service::start().await;
    for (key, customer, sku, quantity, status) in [
        ("1", "ada", "tea", 2, "paid"),
        ("2", "linus", "tea", 1, "declined"),
        ("3", "grace", "samovar", 5, "short"),
    ] {
        let (code, order) = service.order(key, customer, sku, quantity).await;
        assert_eq!((code, order["status"].as_str()), (201, Some(status)));
    }
    assert_eq!(
        service.events().await,
        [
            "1 order.created",
            "1 order.stock_reserved",
            "1 order.paid",
            "2 order.created",
            "2 order.stock_reserved",
            "2 order.payment_declined",
            "3 order.created",
            "3 order.stock_short",
        ]
    );
    assert_eq!(service.mails(), 3);
    assert_eq!(service.get("/orders/1").await["status"], "paid");
    assert_eq!(service.get("/healthz").await["status"], "ok");
    service.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_sent_again_is_the_same_order() {
    let service = Service::start().await;
    let (first_code, first) = service.order("1", "ada", "tea", 2).await;
    let (again_code, again) = service.order("1", "ada", "tea", 2).await;
    assert_eq!((first_code, again_code), (201, 200));
    assert_eq!(first, again);
    let (code, other) = service.order("1", "ada", "cup", 2).await;
    assert_eq!(code, 422);
    assert_eq!(other["error"], "idempotency_key_reused");
    assert_eq!(service.events().await.len(), 3);
    assert_eq!(service.mails(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_that_is_sent_by_many_at_once_is_one_order() {
    let service = Arc::new(Service::start().await);
    let clients = (0..8).map(|_| {
        let service = Arc::clone(&service);
        tokio::spawn(async move { service.order("1", "ada", "tea", 2).await })
    });
    let mut codes = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        let (code, order) = client.await.unwrap();
        assert_eq!(order["id"], 1);
        codes.push(code);
    }
    codes.sort_unstable();
    assert_eq!(codes, [200, 200, 200, 200, 200, 200, 200, 201]);
    assert_eq!(service.mails(), 1);
}
